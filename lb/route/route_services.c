#include "lb/route/route_services.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lb/base/memory.h"

/* Whether all of them are among those, and nothing else is. Then they have their numbers. */
static bool are_those(const struct route_services *before, const struct rule *const *rules,
                      uint32_t *numbers, uint32_t count)
{
    bool *is_used = memory_new(before->count);
    uint32_t used_count = 0;
    bool are_all = true;
    for (uint32_t i = 0; i < count && are_all; i++) {
        if (numbers[i] == ROUTE_SERVICES_NONE)
            numbers[i] = name_map_find(&before->map, rules[i]->route.service);
        are_all = numbers[i] != ROUTE_SERVICES_NONE;
        if (!are_all || is_used[numbers[i]])
            continue;
        is_used[numbers[i]] = true;
        used_count++;
    }
    free(is_used);
    return are_all && used_count == before->count;
}

static uint32_t add(struct route_services *services, struct view name)
{
    uint32_t number = services->count++;
    services->names[number] = arena_copy(&services->arena, name);
    *name_map_add(&services->map, services->names[number]) = number;
    return number;
}

static struct route_services *make(const struct rule *const *rules, uint32_t *numbers,
                                   uint32_t count)
{
    struct route_services *services = memory_new(sizeof(*services));
    atomic_init(&services->ref_count, 1);
    services->names = memory_new(count * sizeof(*services->names));
    name_map_init(&services->map, count);
    for (uint32_t i = 0; i < count; i++) {
        numbers[i] = name_map_find(&services->map, rules[i]->route.service);
        if (numbers[i] == ROUTE_SERVICES_NONE)
            numbers[i] = add(services, rules[i]->route.service);
    }
    name_map_finish(&services->map);
    return services;
}

struct route_services *route_services_new(const struct rule *const *rules, uint32_t *numbers,
                                          uint32_t count, struct route_services *before)
{
    if (!before || !are_those(before, rules, numbers, count))
        return make(rules, numbers, count);
    atomic_fetch_add_explicit(&before->ref_count, 1, memory_order_relaxed);
    return before;
}

void route_services_unref(struct route_services *services)
{
    if (!services || atomic_fetch_sub_explicit(&services->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    name_map_fini(&services->map);
    arena_fini(&services->arena);
    free(services->names);
    free(services);
}
