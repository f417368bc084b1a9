/* Which service a request goes to: a table that each snapshot has, compiled with it, so that routes
 * and endpoints change in the same moment. It has one route, the default. Pure. */
#ifndef LB_POOL_ROUTES_H
#define LB_POOL_ROUTES_H

struct pool_service;

struct routes {
    const struct pool_service *otherwise; /* of the same snapshot; NULL: it has no endpoints */
};

/* The service that a request goes to; NULL: none has endpoints. Borrowed from the snapshot. Thread:
 * any. */
static inline const struct pool_service *routes_find(const struct routes *routes)
{
    return routes->otherwise;
}

#endif
