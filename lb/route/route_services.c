#include "lb/route/route_services.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lb/base/memory.h"

/* Names that are looked up one after the other, and which of those of `before` they are. */
struct checking {
    const struct route_services *before;
    bool *is_used;
    uint32_t used_count;
};

static void note_used(struct checking *checking, uint32_t number)
{
    checking->used_count += !checking->is_used[number];
    checking->is_used[number] = true;
}

/* False: it is not among them. */
static bool check_name(struct checking *checking, struct view name)
{
    uint32_t number = name_map_find(&checking->before->map, name);
    if (number != ROUTE_SERVICES_NONE)
        note_used(checking, number);
    return number != ROUTE_SERVICES_NONE;
}

/* Those that it leads to beside its own. */
static bool check_others(struct checking *checking, const struct rule *rule)
{
    bool are_all = true;
    for (unsigned i = 0; i < rule->route.share_count && are_all; i++)
        are_all = check_name(checking, rule->route.shares[i].service);
    return are_all && (rule->mirror.service.len == 0 || check_name(checking, rule->mirror.service));
}

/* Whether all of them are among those, and nothing else is. Then they have their numbers. */
static bool are_those(const struct route_services *before, const struct rule *const *rules,
                      uint32_t *numbers, uint32_t count)
{
    struct checking checking = {.before = before, .is_used = memory_new(before->count)};
    bool are_all = true;
    for (uint32_t i = 0; i < count && are_all; i++) {
        if (numbers[i] == ROUTE_SERVICES_NONE)
            numbers[i] = name_map_find(&before->map, rules[i]->route.service);
        are_all = numbers[i] != ROUTE_SERVICES_NONE;
        if (are_all)
            note_used(&checking, numbers[i]);
        are_all = are_all && check_others(&checking, rules[i]);
    }
    free(checking.is_used);
    return are_all && checking.used_count == before->count;
}

static uint32_t add(struct route_services *services, struct view name)
{
    uint32_t number = services->count++;
    services->names[number] = arena_copy(&services->arena, name);
    *name_map_add(&services->map, services->names[number]) = number;
    return number;
}

static uint32_t find_or_add(struct route_services *services, struct view name)
{
    uint32_t number = name_map_find(&services->map, name);
    return number == ROUTE_SERVICES_NONE ? add(services, name) : number;
}

static uint32_t count_names(const struct rule *const *rules, uint32_t count)
{
    uint32_t names = count;
    for (uint32_t i = 0; i < count; i++)
        names += rules[i]->route.share_count + (rules[i]->mirror.service.len > 0);
    return names;
}

static void add_others(struct route_services *services, const struct rule *rule)
{
    for (unsigned i = 0; i < rule->route.share_count; i++)
        find_or_add(services, rule->route.shares[i].service);
    if (rule->mirror.service.len > 0)
        find_or_add(services, rule->mirror.service);
}

static struct route_services *make(const struct rule *const *rules, uint32_t *numbers,
                                   uint32_t count)
{
    struct route_services *services = memory_new(sizeof(*services));
    atomic_init(&services->ref_count, 1);
    uint32_t room = count_names(rules, count);
    services->names = memory_new(room * sizeof(*services->names));
    name_map_init(&services->map, room);
    for (uint32_t i = 0; i < count; i++) {
        numbers[i] = find_or_add(services, rules[i]->route.service);
        add_others(services, rules[i]);
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
