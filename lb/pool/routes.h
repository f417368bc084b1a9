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

struct routes {
    struct route_table *table;      /* one reference; NULL: there are none */
    struct routes_target *targets;  /* as its services are numbered */
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

/* The same service as it stays, also where it has no endpoints. */
static inline struct service *routes_service(const struct routes *routes)
{
    return routes->otherwise.service;
}

#endif
