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

struct service *pool_targets_keep(const struct pool *before, const char *name,
                                  unsigned worker_count)
{
    const struct pool_service *listed = before ? pool_find(before, view_str(name)) : NULL;
    struct service *service = listed ? listed->kept : NULL;
    if (!service && before)
        service = find_target(&before->routes, name);
    return service ? service_ref(service) : service_new(name, worker_count);
}

/* ---- targets -------------------------------------------------------------------------------- */

static struct routes_target target_of(const struct pool_service *listed)
{
    return (struct routes_target){service_ref(listed->kept), listed,
                                  service_policy_ref(listed->policy)};
}

/* One without endpoints. */
static struct routes_target target_named(const struct pool_targets *from, const char *name)
{
    struct service *service = pool_targets_keep(from->before, name, from->worker_count);
    pool_pauses_note(from->wanted, service);
    return (struct routes_target){.service = service,
                                  .policy = pool_policies_take(from->policies, view_str(name))};
}

static struct routes_target find_service(const struct pool_targets *from, const char *name)
{
    const struct pool_service *listed = pool_find(from->pool, view_str(name));
    return listed ? target_of(listed) : target_named(from, name);
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
        uint32_t number = route_table_service(table, view_str(listed->name));
        if (number != ROUTE_TABLE_NONE)
            routes->targets[number] = target_of(listed);
    }
    for (uint32_t i = 0; i < table->service_count; i++) {
        if (routes->targets[i].service)
            continue;
        text_clear(&name);
        text_append(&name, table->services[i]);
        routes->targets[i] = target_named(from, text_str(&name));
    }
    text_fini(&name);
}

void pool_targets_build(const struct pool_targets *from)
{
    const struct pool_wanted *wanted = from->wanted;
    struct routes *routes = &from->pool->routes;
    routes->unrouted = wanted->unrouted;
    if (wanted->routed)
        routes->otherwise = find_service(from, wanted->routed);
    if (!wanted->routes)
        return;
    routes->table = route_table_ref(wanted->routes);
    build_all(from);
    pool_groups_build(routes, wanted);
}
