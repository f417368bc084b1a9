/* Which service a request goes to: a part of each snapshot, so that routes and endpoints change in the
 * same moment. */
#ifndef LB_POOL_ROUTES_H
#define LB_POOL_ROUTES_H

#include "lb/base/err.h"
#include "lb/route/route_table.h"

struct pool_service;
struct service;
struct service_policy;

/* A service that requests go to. */
struct routes_target {
    struct service *service; /* as it stays, also where it has no endpoints; one reference */
    const struct pool_service *listed; /* of the same snapshot; NULL: it has no endpoints */
    struct service_policy *policy;     /* how it is served; one reference */
};

/* What a request of a rule with shares may go to. */
struct routes_group {
    const struct routes_target *members[ROUTE_SHARES_MAX]; /* in the order of the rule's shares */
    uint32_t weights[ROUTE_SHARES_MAX]; /* in force, by orders too; 0: it gets none */
    struct share_ring ring; /* of those that have servers: the others' shares are theirs */
    /* Nobody has any: whom to wait for. NULL: nobody who has a weight. */
    const struct routes_target *awaited;
};

struct routes {
    struct route_table *table;      /* one reference; NULL: there are none */
    struct routes_target *targets;  /* as its services are numbered */
    struct routes_group *groups;    /* as those of the table are numbered */
    struct routes_target otherwise; /* the default service; NULL: there is none */
    /* What requests get that no route holds for. ERR_OK: the default service, but for those whose host
     * or path a route knows (route_table_knows), which get ERR_NO_ROUTE. */
    enum err unrouted;
};

/* The default service as the snapshot has it; NULL: it has no endpoints. Borrowed from the snapshot.
 * Thread: any, as for the next. */
static inline const struct pool_service *routes_find(const struct routes *routes)
{
    return routes->otherwise.listed;
}

/* Of the rule of that number; only for one that has shares. Borrowed likewise. */
static inline const struct routes_group *routes_group(const struct routes *routes, uint32_t rule)
{
    return &routes->groups[route_groups_find(&routes->table->groups, rule)];
}

/* The service that gets copies of that rule's requests; only for one that is mirrored. */
static inline const struct routes_target *routes_mirror(const struct routes *routes, uint32_t rule)
{
    const struct route_groups *groups = &routes->table->groups;
    return &routes->targets[groups->list[route_groups_find(groups, rule)].mirror];
}

/* The same service as it stays, also where it has no endpoints. */
static inline struct service *routes_service(const struct routes *routes)
{
    return routes->otherwise.service;
}

#endif
