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

void pool_unref(struct pool *pool)
{
    if (!pool || atomic_fetch_sub_explicit(&pool->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    for (unsigned i = 0; i < pool->service_count; i++)
        drop_service(&pool->services[i]);
    drop_routes(&pool->routes);
    pool_leavers_fini(&pool->leavers);
    service_policy_unref(pool->policy);
    free(pool->services);
    free(pool);
}

const struct pool_service *pool_find_next(const struct pool *pool, const char *name, unsigned *near)
{
    const struct pool_service *expected = &pool->services[*near];
    if (*near >= pool->service_count ||
        (expected->name != name && strcmp(expected->name, name) != 0)) {
        expected = pool_find(pool, view_str(name));
        if (!expected)
            return NULL;
    }
    *near = (unsigned)(expected - pool->services) + 1;
    return expected;
}

const struct pool_service *pool_find(const struct pool *pool, struct view name)
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
            return service;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
