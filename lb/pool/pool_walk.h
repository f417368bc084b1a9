/* A walk through the last snapshot beside the one through what is wanted: both are in order, so
 * that only new and renamed endpoints have to be looked up. Thread: control. */
#ifndef LB_POOL_POOL_WALK_H
#define LB_POOL_POOL_WALK_H

#include "lb/pool/pool.h"
#include "lb/pool/pool_wanted.h"

struct pool_walk_listing {
    const char *service;
    enum service_kind kind;
    struct endpoint *endpoint;
};

/* Begins as zeroed memory with `before`, which is borrowed. To be handed to pool_walk_fini. */
struct pool_walk {
    const struct pool *before;          /* NULL: there is nothing to be found */
    const struct pool_service *service; /* of that name in `before`, or NULL */
    unsigned next;                      /* of its endpoints */
    unsigned next_service;              /* of `before`, as it is expected */
    struct pool_walk_listing *by_id; /* all, by id, service and kind; NULL: nobody has asked yet */
    unsigned count;
};

/* Puts what is wanted into the order of a snapshot: by service, kind, name and id. */
void pool_walk_sort(struct pool_wanted *wanted);

/* Comes to the endpoints of that service. Services come in order, each once. */
void pool_walk_enter(struct pool_walk *walk, const char *service, enum service_kind kind);

/* The endpoint of the last snapshot that is the wanted one, perhaps by another name, or NULL. Has
 * to be asked in order, within the service that was entered. Borrowed from the snapshot. */
struct endpoint *pool_walk_find(struct pool_walk *walk, const struct pool_wanted_endpoint *wanted);

/* The same in whichever service of the last snapshot. */
struct endpoint *pool_walk_find_kin(struct pool_walk *walk,
                                    const struct pool_wanted_endpoint *wanted);

/* Frees what was listed for it. */
void pool_walk_fini(struct pool_walk *walk);

#endif
