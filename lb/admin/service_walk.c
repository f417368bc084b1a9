#include "lb/admin/service_walk.h"

#include "lb/route/listener_table.h"

static bool has_listener(const struct pool *pool, const struct service *service)
{
    const struct listener_table *table = pool->listeners.table;
    return table && listener_table_service_find(table, view_str(service->name), service->kind) !=
                        LISTENER_TABLE_NONE;
}

static bool has(const struct pool_service *service, const struct endpoint *endpoint)
{
    for (unsigned i = 0; i < service->endpoint_count; i++)
        if (service->endpoints[i] == endpoint)
            return true;
    return false;
}

static bool is_told(const struct pool *pool, const struct pool_service *listed)
{
    if (listed->kind == SERVICE_HTTP || has_listener(pool, listed->kept))
        return true;
    const struct pool_service *first = pool_find(pool, view_str(listed->name));
    return !first || listed->endpoint_count == 0 || !has(first, listed->endpoints[0]);
}

static unsigned route_target_count(const struct pool *pool)
{
    return pool->routes.table ? pool->routes.table->service_count : 0;
}

static unsigned listener_target_count(const struct pool *pool)
{
    const struct listener_table *table = pool->listeners.table;
    return table ? listener_table_service_count(table) : 0;
}

static bool is_routed(const struct pool *pool, const struct service *service)
{
    for (unsigned i = 0; i < route_target_count(pool); i++)
        if (pool->routes.targets[i].service == service)
            return true;
    return false;
}

/* Those that routes lead to, then those that listeners lead to, then the default one. */
static const struct routes_target *target_at(const struct pool *pool, unsigned number)
{
    if (number < route_target_count(pool))
        return &pool->routes.targets[number];
    number -= route_target_count(pool);
    if (number < listener_target_count(pool))
        return &pool->listeners.targets[number];
    return &pool->routes.otherwise;
}

/* One with endpoints was told before. */
static bool is_unpeopled(const struct pool *pool, const struct routes_target *target)
{
    const struct routes *routes = &pool->routes;
    if (!target->service || target->service->name[0] == '\0' || target->listed)
        return false;
    return target != &routes->otherwise ||
           (routes->unrouted == ERR_OK && !is_routed(pool, target->service));
}

static bool fill(const struct pool *pool, struct service_seen *out)
{
    const struct routes *routes = &pool->routes;
    out->is_default = routes->unrouted == ERR_OK && routes->otherwise.service == out->service;
    return true;
}

bool service_walk_next(struct service_walk *walk, struct service_seen *out)
{
    const struct pool *pool = walk->pool;
    while (pool && walk->next < pool->service_count) {
        const struct pool_service *listed = &pool->services[walk->next++];
        *out = (struct service_seen){.service = listed->kept, .listed = listed};
        if (is_told(pool, listed))
            return fill(pool, out);
    }
    unsigned target_count = pool ? route_target_count(pool) + listener_target_count(pool) + 1 : 0;
    while (pool && walk->next < pool->service_count + target_count) {
        const struct routes_target *target = target_at(pool, walk->next++ - pool->service_count);
        *out = (struct service_seen){.service = target->service};
        if (is_unpeopled(pool, target))
            return fill(pool, out);
    }
    return false;
}

/* An HTTP service may have been named so. */
static bool looks_like_a_key(struct view name)
{
    return view_ends_with(name, VIEW("/tcp")) || view_ends_with(name, VIEW("/udp")) ||
           view_ends_with(name, VIEW("/http"));
}

void service_walk_append_name_key(const char *name, enum service_kind kind, struct text *out)
{
    text_append_str(out, name);
    if (kind != SERVICE_HTTP || looks_like_a_key(view_str(name)))
        text_appendf(out, "/%s", service_kind_word(kind));
}

void service_walk_append_key(const struct service *service, struct text *out)
{
    service_walk_append_name_key(service->name, service->kind, out);
}
