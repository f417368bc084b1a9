#include "lb/admin/service_reach.h"

bool service_reach_is(const struct pool *pool, const struct pool_service *service)
{
    if (service->kind != SERVICE_HTTP) /* one of --backend is there without a listener, too */
        return pool->listeners.table &&
               listener_table_service_find(pool->listeners.table, view_str(service->name),
                                           service->kind) != LISTENER_TABLE_NONE;
    const struct routes *routes = &pool->routes;
    return (!routes->unrouted && routes->otherwise.listed == service) ||
           (routes->table &&
            route_table_service(routes->table, view_str(service->name)) != ROUTE_TABLE_NONE);
}

bool service_reach_is_otherwise(const struct pool *pool, const char *service,
                                const struct endpoint *endpoint)
{
    for (unsigned kind = SERVICE_TCP; kind < SERVICE_KIND_COUNT; kind++) {
        const struct pool_service *other =
            pool_find_kind(pool, view_str(service), (enum service_kind)kind);
        for (unsigned i = 0; other && service_reach_is(pool, other) && i < other->endpoint_count;
             i++)
            if (other->endpoints[i] == endpoint)
                return true;
    }
    return false;
}

bool service_reach_is_none(const struct pool *pool, const struct pool_service *service)
{
    if (service_reach_is(pool, service))
        return false;
    for (unsigned i = 0; i < service->endpoint_count; i++)
        if (service_reach_is_otherwise(pool, service->name, service->endpoints[i]))
            return false;
    return true;
}
