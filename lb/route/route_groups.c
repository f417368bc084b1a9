#include "lb/route/route_groups.h"

static bool is_one(const struct rule *rule)
{
    return rule->route.share_count > 0 || rule->mirror.service.len > 0;
}

static struct route_group make(struct route_groups *groups, const struct rule *rule,
                               const struct route_services *services)
{
    struct route_group group = {.mirror = ROUTE_SERVICES_NONE};
    const struct route *route = &rule->route;
    if (rule->mirror.service.len > 0)
        group.mirror = name_map_find(&services->map, rule->mirror.service);
    if (route->share_count > 0)
        group.members = arena_new(&groups->arena, route->share_count * sizeof(*group.members));
    for (unsigned i = 0; i < route->share_count; i++)
        group.members[i] = name_map_find(&services->map, route->shares[i].service);
    return group;
}

void route_groups_init(struct route_groups *groups, const struct rule *const *rules, uint32_t count,
                       const struct route_services *services)
{
    uint32_t room = 0;
    *groups = (struct route_groups){0};
    for (uint32_t i = 0; i < count; i++)
        room += is_one(rules[i]);
    if (room == 0)
        return;
    groups->list = arena_new(&groups->arena, room * sizeof(*groups->list));
    for (uint32_t i = 0; i < count; i++) {
        if (!is_one(rules[i]))
            continue;
        groups->list[groups->count] = make(groups, rules[i], services);
        groups->list[groups->count++].rule = i;
    }
}

void route_groups_fini(struct route_groups *groups)
{
    arena_fini(&groups->arena);
    *groups = (struct route_groups){0};
}

uint32_t route_groups_find(const struct route_groups *groups, uint32_t rule)
{
    uint32_t low = 0, high = groups->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (groups->list[middle].rule == rule)
            return middle;
        if (groups->list[middle].rule < rule)
            low = middle + 1;
        else
            high = middle;
    }
    return ROUTE_GROUPS_NONE;
}
