#include "lb/pool/pool.h"

#include <stdlib.h>

struct pool *pool_ref(struct pool *pool)
{
    atomic_fetch_add_explicit(&pool->ref_count, 1, memory_order_relaxed);
    return pool;
}

static void drop_members(struct pool_members *members)
{
    if (atomic_fetch_sub_explicit(&members->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    for (unsigned i = 0; i < members->count; i++)
        endpoint_unref(members->endpoints[i]);
    free(members);
}

static void drop_service(struct pool_service *service)
{
    drop_members(service->members);
    service_unref(service->kept);
    service_policy_unref(service->policy);
    free(service->rotation);
    free(service->candidates);
    free(service->sticky);
    free(service->unready);
}

static void drop_target(struct routes_target *target)
{
    service_unref(target->service);
    service_policy_unref(target->policy);
}

static void drop_routes(struct routes *routes)
{
    for (unsigned i = 0; routes->table && i < routes->table->service_count; i++)
        drop_target(&routes->targets[i]);
    drop_target(&routes->otherwise);
    route_table_unref(routes->table);
    free(routes->groups);
    free(routes->targets);
}

static void drop_listeners(struct pool_listeners *listeners)
{
    if (!listeners->table)
        return;
    for (unsigned i = 0; i < listener_table_service_count(listeners->table); i++)
        drop_target(&listeners->targets[i]);
    listener_table_unref(listeners->table);
    free(listeners->targets);
}

void pool_unref(struct pool *pool)
{
    if (!pool || atomic_fetch_sub_explicit(&pool->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    for (unsigned i = 0; i < pool->service_count; i++)
        drop_service(&pool->services[i]);
    drop_routes(&pool->routes);
    drop_listeners(&pool->listeners);
    pool_leavers_fini(&pool->leavers);
    service_policy_unref(pool->policy);
    free(pool->services);
    free(pool);
}

static bool is_of(const struct pool_service *service, const char *name, enum service_kind kind)
{
    return service->kind == kind && (service->name == name || strcmp(service->name, name) == 0);
}

const struct pool_service *pool_find_next(const struct pool *pool, const char *name,
                                          enum service_kind kind, unsigned *near)
{
    const struct pool_service *expected = &pool->services[*near];
    if (*near >= pool->service_count || !is_of(expected, name, kind)) {
        expected = pool_find_kind(pool, view_str(name), kind);
        if (!expected)
            return NULL;
    }
    *near = (unsigned)(expected - pool->services) + 1;
    return expected;
}

const struct pool_service *pool_find_kind(const struct pool *pool, struct view name,
                                          enum service_kind kind)
{
    unsigned low = 0, high = pool->service_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct pool_service *service = &pool->services[middle];
        struct view other = view_str(service->name);
        int order = memcmp(name.ptr, other.ptr, name.len < other.len ? name.len : other.len);
        if (order == 0)
            order = (name.len > other.len) - (name.len < other.len);
        if (order == 0)
            order = (int)kind - (int)service->kind;
        if (order == 0)
            return service;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
