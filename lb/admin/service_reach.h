/* Whether anything leads to a service: what is ready gets no requests without. Thread: control. */
#ifndef LB_ADMIN_SERVICE_REACH_H
#define LB_ADMIN_SERVICE_REACH_H

#include "lb/pool/pool.h"

/* Whether any request can go to it: it is the default one, and there is one; or a route leads to it. Or a connection. */
bool service_reach_is(const struct pool *pool, const struct pool_service *service);

/* Whether a TCP or UDP service of that name has the endpoint, too. */
bool service_reach_is_otherwise(const struct pool *pool, const char *service,
                                const struct endpoint *endpoint);

/* Neither holds, for none of its endpoints. */
bool service_reach_is_none(const struct pool *pool, const struct pool_service *service);

#endif
