/* From the last snapshot and what is wanted now to the next snapshot. Endpoints that stay are the
 * same objects, with their counters and connections; so is a service's cursor. */
#ifndef LB_POOL_POOL_BUILD_H
#define LB_POOL_POOL_BUILD_H

#include "lb/pool/pool.h"

struct pool_wanted_endpoint {
    const char *service;
    const char *id;        /* unique within its service */
    const char *container; /* NULL: as the id */
    const char *name;
    struct address address;
    unsigned weight;           /* 1 to LIMITS_WEIGHT_MAX */
    enum endpoint_state state; /* what the source says; READY is PROBING until admitted */
    const char *cause;
    uint64_t cause_time_ns;
    struct check *check;       /* what its labels say of checks; NULL: nothing */
    bool has_slow_start;       /* its labels say it; else the rules do */
    unsigned slow_start_ms;
    struct waits waits;
    enum endpoint_order order;
    unsigned ordered_weight; /* 0: `weight` counts */
    /* What pool_build found or made for it, which looks here first the next time; only compared,
     * never followed. Who changes anything from `service` to `weight` sets it to NULL. */
    const struct endpoint *known;
};

struct pool_wanted {
    struct pool_wanted_endpoint *endpoints; /* any order; strings borrowed */
    unsigned endpoint_count;
    const char *routed; /* the service that "/" goes to; borrowed */
    bool is_trusted;    /* READY is READY, without a probe */
    bool is_followed;   /* the source tells at once when an endpoint goes */
};

struct pool_rules {
    unsigned worker_count;
    uint64_t now_ms; /* the loop's clock */
    struct service_policy policy; /* of all services */
};

/* Called for each endpoint that came (`before` is ENDPOINT_GONE), went (its state is now
 * ENDPOINT_GONE) or changed its state. Borrows the endpoint. */
typedef void pool_on_change(void *owner, struct endpoint *endpoint, enum endpoint_state before);

/* Gives a snapshot with one reference. `before` may be NULL; it is borrowed and not changed. Of the
 * states, which all snapshots share, only a new "ready" takes effect by now, so that there is no
 * moment without endpoints: offer the snapshot to the workers, then pool_build_settle. Thread:
 * control. */
struct pool *pool_build(const struct pool *before, struct pool_wanted *wanted,
                        const struct pool_rules *rules);

/* Applies all states that `pool` was built with, also to what only `before` (or NULL) lists, and
 * tells the changes. Once for each snapshot. Thread: control. */
void pool_build_settle(struct pool *pool, const struct pool *before, pool_on_change *on_change,
                       void *owner);

#endif
