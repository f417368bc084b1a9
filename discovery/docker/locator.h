/* Finds out in which of the engine's containers lb runs, by verifying one guess after the other. */
#ifndef DISCOVERY_DOCKER_LOCATOR_H
#define DISCOVERY_DOCKER_LOCATOR_H

#include <stdbool.h>

#include "discovery/docker/container.h"
#include "discovery/net/fetch.h"
#include "discovery/docker/lister.h"
#include "discovery/docker/self.h"

#define LOCATOR_NONE           "none"
#define LOCATOR_SELF_BYTES_MAX ENGINE_ID_LEN

/* Exactly one of these is called, once; perhaps before locator_start() returns. */
struct locator_handler {
    void *owner;
    /* lb is `id`, or "" if it is one of several that use the same network; `network` is the
     * container whose network it uses, usually the same. Borrowed. */
    void (*on_container)(void *owner, const struct engine_id *id, const struct container *network);
    void (*on_host)(void *owner, const char *why);
    void (*on_failure)(void *owner, const char *why);
};

struct locator {
    struct locator_handler handler;
    struct fetch_pool *pool; /* borrowed */
    const char *prefix;      /* borrowed */
    struct fetch *fetch;     /* NULL: no container is asked for */
    struct lister lister;    /* of all containers, where one alone does not tell enough */
    json_t *list;            /* what it gave; NULL: not asked */
    struct self self;
    size_t next;
    bool is_certain;         /* the id or name was given by hand */
    bool may_not_inspect;    /* the engine refuses that: the list has to do */
    struct engine_id own_id; /* once known, while the owner of its network is looked at */
    /* The owner of the network, which need not be lb itself, while its users are looked at. */
    struct container *network;
    size_t next_user;  /* in the list */
    size_t user_count; /* of those that were looked at and are not lb by their layer */
    bool is_lender;    /* `network` is surely not lb */
};

/* Whether that `self` is a name, which another container may have tomorrow. */
bool locator_is_name(const char *self);

/* `self` is NULL to guess, LOCATOR_NONE for "on the host", an id (12 to 64 digits) or a name of at most
 * LOCATOR_SELF_BYTES_MAX. */
void locator_start(struct locator *locator, struct fetch_pool *pool, const char *prefix,
                   const char *self, const struct locator_handler *handler);

/* No handler is called any more. Stopping twice is harmless. */
void locator_stop(struct locator *locator);

#endif
