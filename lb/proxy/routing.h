/* Which service a request goes to, by the route that holds for it, and what the route does to its
 * path. Decided when the request comes, or when the first snapshot does, and again when its service has
 * nobody any more. */
#ifndef LB_PROXY_ROUTING_H
#define LB_PROXY_ROUTING_H

#include "lb/proxy/exchange_state.h"
#include "lb/proxy/securing.h"

/* By the table of the snapshot, for a request whose head is written: `*target` is of that snapshot.
 * Fails: why it goes nowhere; `*target` is NULL then. Of a redirect: see
 * retargeting.h and telling.h. */
enum err routing_by_table(struct exchange *exchange, const struct routes_target **target)
    __attribute__((noinline)); /* its room on the stack is not for who has no routes */

/* Whether what goes by no route may come as it does. */
static inline enum err routing_admit(struct exchange *exchange)
{
    return exchange->env->tls_server ? securing_admit(exchange, NULL) : ERR_OK;
}

/* The same; without routes it costs nothing. Before the first snapshot the target is NULL, and nothing
 * has failed. */
static inline enum err routing_find(struct exchange *exchange, const struct routes_target **target)
{
    const struct pool *pool = exchange->env->pool;
    *target = NULL;
    if (!pool)
        return ERR_OK;
    if (pool->routes.table)
        return routing_by_table(exchange, target);
    enum err err = pool->routes.unrouted ? pool->routes.unrouted : routing_admit(exchange);
    if (!err)
        *target = &pool->routes.otherwise;
    return err;
}

/* For struct attempt: to a request that waits the first snapshot has come, or one that has nobody for it
 * where it went until now. The route that it had is forgotten. */
enum err routing_late(void *exchange, const struct routes_target **target);

/* For struct attempt: by the snapshot in use the request would go by another route than it did, or by one
 * that says something else. */
bool routing_is_moot(void *exchange);

#endif
