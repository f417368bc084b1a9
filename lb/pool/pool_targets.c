#include "lb/pool/pool_targets.h"

#include <string.h>

#include "lb/base/memory.h"
#include "lb/base/text.h"
#include "lb/pool/pool_groups.h"
#include "lb/pool/pool_pauses.h"

/* ---- services that stay --------------------------------------------------------------------- */

static struct service *find_target(const struct routes *routes, const char *name)
{
    const struct route_table *table = routes->table;
    uint32_t number = table ? route_table_service(table, view_str(name)) : ROUTE_TABLE_NONE;
    if (number != ROUTE_TABLE_NONE)
        return routes->targets[number].service;
    struct service *routed = routes_service(routes);
    return routed && strcmp(routed->name, name) == 0 ? routed : NULL;
}

static struct service *find_listener_target(const struct pool_listeners *listeners,
                                            const char *name, enum service_kind kind)
{
    uint32_t number = listeners->table
                          ? listener_table_service_find(listeners->table, view_str(name), kind)
                          : LISTENER_TABLE_NONE;
    return number == LISTENER_TABLE_NONE ? NULL : listeners->targets[number].service;
}

struct service *pool_targets_keep(const struct pool *before, const char *name,
                                  enum service_kind kind, unsigned worker_count)
{
    const struct pool_service *listed =
        before ? pool_find_kind(before, view_str(name), kind) : NULL;
    struct service *service = listed ? listed->kept : NULL;
    if (!service && before)
        service = kind == SERVICE_HTTP ? find_target(&before->routes, name)
                                       : find_listener_target(&before->listeners, name, kind);
    return service ? service_ref(service) : service_new(name, kind, worker_count);
}

/* ---- targets -------------------------------------------------------------------------------- */

static struct routes_target target_of(const struct pool_service *listed)
{
    return (struct routes_target){service_ref(listed->kept), listed,
                                  service_policy_ref(listed->policy)};
}

/* One without endpoints. */
static struct routes_target target_named(const struct pool_targets *from, const char *name,
                                         enum service_kind kind)
{
    struct service *service = pool_targets_keep(from->before, name, kind, from->worker_count);
    pool_pauses_note(from->wanted, service);
    return (struct routes_target){
        .service = service, .policy = pool_policies_take(from->policies, view_str(name), kind)};
}

static struct routes_target find_service(const struct pool_targets *from, const char *name,
                                         enum service_kind kind)
{
    const struct pool_service *listed = pool_find_kind(from->pool, view_str(name), kind);
    return listed ? target_of(listed) : target_named(from, name, kind);
}

/* What routes lead to stays though it has no endpoints, and so do its counters. */
static void build_all(const struct pool_targets *from)
{
    struct routes *routes = &from->pool->routes;
    const struct route_table *table = routes->table;
    const struct pool *pool = from->pool;
    struct text name = TEXT_INIT;
    routes->targets = memory_new(table->service_count * sizeof(*routes->targets));
    for (unsigned i = 0; i < pool->service_count; i++) {
        const struct pool_service *listed = &pool->services[i];
        uint32_t number = listed->kind == SERVICE_HTTP
                              ? route_table_service(table, view_str(listed->name))
                              : ROUTE_TABLE_NONE;
        if (number != ROUTE_TABLE_NONE)
            routes->targets[number] = target_of(listed);
    }
    for (uint32_t i = 0; i < table->service_count; i++) {
        if (routes->targets[i].service)
            continue;
        text_clear(&name);
        text_append(&name, table->services[i]);
        routes->targets[i] = target_named(from, text_str(&name), SERVICE_HTTP);
    }
    text_fini(&name);
}

static void build_listeners(const struct pool_targets *from)
{
    struct pool_listeners *listeners = &from->pool->listeners;
    struct text name = TEXT_INIT;
    listeners->table = listener_table_ref(from->wanted->listeners);
    unsigned count = listener_table_service_count(listeners->table);
    listeners->targets = memory_new(count * sizeof(*listeners->targets));
    for (uint32_t i = 0; i < count; i++) {
        const struct listener_table_service *service = listener_table_service(listeners->table, i);
        text_clear(&name);
        text_append(&name, service->name);
        listeners->targets[i] = find_service(from, text_str(&name), service->kind);
    }
    text_fini(&name);
}

void pool_targets_build(const struct pool_targets *from)
{
    const struct pool_wanted *wanted = from->wanted;
    struct routes *routes = &from->pool->routes;
    routes->unrouted = wanted->unrouted;
    if (wanted->routed)
        routes->otherwise = find_service(from, wanted->routed, SERVICE_HTTP);
    if (wanted->listeners)
        build_listeners(from);
    if (!wanted->routes)
        return;
    routes->table = route_table_ref(wanted->routes);
    build_all(from);
    pool_groups_build(routes, wanted);
}
