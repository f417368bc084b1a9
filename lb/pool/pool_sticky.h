/* The cookie of a sticky service. Its value is a keyed hash of the service and the endpoint and nothing
 * else: nobody can make one, or read from one who serves. It says the same for as long as the key and the
 * endpoint's id are the same, whatever else changes, and whether lb was started again. */
#ifndef LB_POOL_POOL_STICKY_H
#define LB_POOL_POOL_STICKY_H

#include "lb/base/view.h"
#include "lb/pool/endpoint.h"
#include "lb/pool/service_policy.h"

#define POOL_STICKY_VALUE_BYTES 32u /* hex digits */

struct pool_sticky_seat {
    char value[POOL_STICKY_VALUE_BYTES];
    struct endpoint *endpoint; /* borrowed */
};

struct pool_sticky {
    char name[STICKY_RULE_NAME_BYTES]; /* of the cookie */
    unsigned count;
    struct pool_sticky_seat seats[]; /* of all endpoints, whatever their state; sorted by value */
};

/* Of a service with these endpoints. Gives: to be handed to free(). NULL: it is not sticky. Costs
 * a hash for each endpoint. Thread: control. */
struct pool_sticky *pool_sticky_new(const struct service_policy *policy, const char *service,
                                    struct endpoint *const *endpoints, unsigned count);

/* The endpoint that this value leads to, or NULL. Thread: any, as for the next two. */
struct endpoint *pool_sticky_find(const struct pool_sticky *sticky, struct view value);

/* The name of the cookie: of the policy, or "lb_" and a hash of the service's name. */
void pool_sticky_name(const struct service_policy *policy, const char *service,
                      char name[STICKY_RULE_NAME_BYTES]);

/* The value that leads to the endpoint. */
void pool_sticky_value(const struct service_policy *policy, const char *service,
                       const struct endpoint *endpoint, char value[POOL_STICKY_VALUE_BYTES]);

#endif
