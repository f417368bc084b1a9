/* Endpoints with a limit that have left the line while requests of theirs may still run. One that comes
 * back begins anew, but for the places that are taken: it is the same server, and the limit is the
 * server's. Thread: control, but for pool_leavers_fini. */
#ifndef LB_POOL_POOL_LEAVERS_H
#define LB_POOL_POOL_LEAVERS_H

#include "lb/pool/endpoint.h"

/* Those that leave while there are so many are not remembered. */
#define POOL_LEAVERS_MAX 1024u

/* Zeroed memory is empty. To be handed to pool_leavers_fini. */
struct pool_leavers {
    struct endpoint **endpoints; /* a reference to each; each id and address once */
    unsigned count;
    unsigned capacity;
};

/* Begins with those of `before` that still have places taken. */
void pool_leavers_begin(struct pool_leavers *leavers, const struct pool_leavers *before);

/* It has left now. Takes a reference of its own, if it has a limit: that a place is being taken just
 * now is seen by the next snapshot. */
void pool_leavers_add(struct pool_leavers *leavers, struct endpoint *endpoint);

/* Who is new has the places of the one of its id and address, if there is one. No worker knows
 * `endpoint` yet. */
void pool_leavers_meet(const struct pool_leavers *leavers, struct endpoint *endpoint);

/* Drops them. Thread: any. */
void pool_leavers_fini(struct pool_leavers *leavers);

#endif
