/* What the routes of the next snapshot lead to, and the services that stay because routes do. Thread:
 * control. */
#ifndef LB_POOL_POOL_TARGETS_H
#define LB_POOL_POOL_TARGETS_H

#include "lb/pool/pool.h"
#include "lb/pool/pool_policies.h"
#include "lb/pool/pool_wanted.h"

/* From what they are built. Borrowed. */
struct pool_targets {
    struct pool *pool;         /* the new one, whose services are there */
    const struct pool *before; /* NULL: it is the first one */
    const struct pool_wanted *wanted;
    struct pool_policies *policies;
    unsigned worker_count;
};

/* Fills in the routes of the new snapshot. */
void pool_targets_build(const struct pool_targets *from);

/* The service of that name and kind as `before` (or NULL) has it, where it is listed or a route or a listener leads to it, or a
 * new one. Gives a reference. */
struct service *pool_targets_keep(const struct pool *before, const char *name,
                                  enum service_kind kind, unsigned worker_count);

#endif
