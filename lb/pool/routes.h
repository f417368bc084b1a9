/* Which service a request goes to: a table that each snapshot has, compiled with it, so that routes
 * and endpoints change in the same moment. It has one route, the default. Pure. */
#ifndef LB_POOL_ROUTES_H
#define LB_POOL_ROUTES_H

struct pool_service;
struct service;
struct service_policy;

struct routes {
    struct service *service;              /* one reference; NULL: there is no route */
    struct service_policy *policy;        /* how it is served; of the same snapshot */
    const struct pool_service *otherwise; /* of the same snapshot; NULL: it has no endpoints */
};

/* The service that a request goes to, as the snapshot has it; NULL: it has no endpoints. Borrowed
 * from the snapshot. Thread: any, as for the next. */
static inline const struct pool_service *routes_find(const struct routes *routes)
{
    return routes->otherwise;
}

/* The same service as it stays, also where it has no endpoints. */
static inline struct service *routes_service(const struct routes *routes)
{
    return routes->service;
}

#endif
