/* From the last snapshot and what is wanted now to the next snapshot. Endpoints that stay are the
 * same objects, with their counters and connections; so is a service's cursor. */
#ifndef LB_POOL_POOL_BUILD_H
#define LB_POOL_POOL_BUILD_H

#include "lb/pool/pool.h"

struct pool_wanted_endpoint {
    const char *service;
    const char *id; /* unique within its service */
    const char *name;
    struct address address;
    unsigned weight;           /* 1 to ENDPOINT_WEIGHT_MAX */
    enum endpoint_state state; /* what the source says; READY is PROBING until admitted */
    const char *cause;
    uint64_t cause_time_ns;
    enum endpoint_order order;
    unsigned ordered_weight; /* 0: `weight` counts */
};

struct pool_wanted {
    struct pool_wanted_endpoint *endpoints; /* any order; strings borrowed */
    unsigned endpoint_count;
    const char *routed; /* the service that "/" goes to; borrowed */
    bool is_trusted;    /* READY is READY, without a probe */
};

/* Called for each endpoint that came (`before` is ENDPOINT_GONE), went (its state is now
 * ENDPOINT_GONE, by pool_build_retire) or changed its state. Borrows the endpoint. */
typedef void pool_on_change(void *owner, struct endpoint *endpoint, enum endpoint_state before);

/* Gives a snapshot with one reference. `before` may be NULL; it is borrowed and not changed, but
 * the states of endpoints, which all snapshots share, take effect at once. Thread: control. */
struct pool *pool_build(const struct pool *before, struct pool_wanted *wanted,
                        unsigned worker_count, pool_on_change *on_change, void *owner);

/* After `next` was left for every worker: what it does not list any more is gone. Not before, for
 * a worker that has only the old snapshot would find nobody for its requests. `before` may be
 * NULL. Thread: control. */
void pool_build_retire(const struct pool *before, const struct pool *next,
                       pool_on_change *on_change, void *owner);

#endif
