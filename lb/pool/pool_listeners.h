/* Which services TCP and UDP listeners lead to: a part of each snapshot, so that rules and endpoints change in the
 * same moment. */
#ifndef LB_POOL_POOL_LISTENERS_H
#define LB_POOL_POOL_LISTENERS_H

#include "lb/pool/routes.h"
#include "lb/route/listener_table.h"

struct pool_listeners {
    struct listener_table *table;  /* one reference; NULL: there are none */
    struct routes_target *targets; /* as its services are numbered */
};

/* The target of that number; NULL for LISTENER_TABLE_NONE, or _CLOSED. Borrowed from the snapshot. Thread: any. */
static inline const struct routes_target *
pool_listeners_target(const struct pool_listeners *listeners, uint32_t number)
{
    return number >= LISTENER_TABLE_CLOSED ? NULL : &listeners->targets[number];
}

#endif
