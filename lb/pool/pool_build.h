/* From the last snapshot and what is wanted now to the next snapshot. Endpoints that stay are the
 * same objects, with their counters and connections; so is a service's cursor. */
#ifndef LB_POOL_POOL_BUILD_H
#define LB_POOL_POOL_BUILD_H

#include "lb/pool/pool.h"
#include "lb/pool/pool_wanted.h"

struct pool_rules {
    unsigned worker_count;
    uint64_t now_ms;              /* the loop's clock */
    struct service_policy policy; /* of services that say nothing, and what the others begin with */
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
