#include "lb/proxy/sharing.h"

#include "lb/proxy/stickiness.h"

/* Which of them has the next turn, or SHARE_RING_NOBODY. */
static unsigned choose(const struct share_ring *ring, atomic_uint_fast64_t *turn)
{
    return share_ring_pick(ring, atomic_fetch_add_explicit(turn, 1, memory_order_relaxed));
}

/* Whom its cookie leads to, whatever the weights say: a share moves nobody who has a session. */
static const struct routes_target *find_seat(const struct exchange *exchange,
                                             const struct routes_group *group)
{
    for (unsigned i = 0; i < group->ring.count; i++) {
        const struct pool_service *listed = group->members[i]->listed;
        if (listed && stickiness_leads_to(exchange, listed))
            return group->members[i];
    }
    return NULL;
}

static const struct routes_target *find_by_turn(const struct rule *rule,
                                                const struct routes_group *group)
{
    unsigned index = choose(&group->ring, &rule->turns->shared);
    return index == SHARE_RING_NOBODY ? group->awaited : group->members[index];
}

enum err sharing_choose(struct exchange *exchange, const struct routes *routes, uint32_t rule,
                        const struct routes_target **target)
{
    const struct routes_group *group = routes_group(routes, rule);
    *target = find_seat(exchange, group);
    if (!*target)
        *target = find_by_turn(routes->table->rules[rule], group);
    if (!*target)
        return ERR_NO_ENDPOINT;
    exchange->attempt.is_shared = true;
    return ERR_OK;
}

/* The group of the request's rule in the snapshot in use; NULL: the routes have changed since it came. */
static const struct routes_group *group_of(const struct exchange *exchange)
{
    const struct routes *routes = &exchange->env->pool->routes;
    const struct route_table *table = routes->table;
    for (uint32_t i = 0; table && i < table->groups.count; i++)
        if (table->rules[table->groups.list[i].rule] == exchange->rule)
            return &routes->groups[i];
    return NULL;
}

/* The one that it leaves is not asked again. */
static void note_tried(struct exchange *exchange, const struct routes_group *group, unsigned count)
{
    const struct service *service = service_of(exchange->attempt.service);
    for (unsigned i = 0; i < count; i++)
        if (group->members[i]->service == service)
            exchange->shares_tried |= UINT32_C(1) << i;
}

bool sharing_move(void *owner, const struct routes_target **target)
{
    struct exchange *exchange = owner;
    const struct routes_group *group = group_of(exchange);
    uint32_t weights[ROUTE_SHARES_MAX] = {0};
    struct share_ring ring;
    if (!group || service_paused_until_ms(service_of(exchange->attempt.service)) > 0)
        return false; /* by order it waits */
    unsigned count = group->ring.count;
    note_tried(exchange, group, count);
    for (unsigned i = 0; i < count; i++) {
        const struct pool_service *listed = group->members[i]->listed;
        bool is_open = !(exchange->shares_tried >> i & 1) && listed && listed->rotation_count > 0;
        weights[i] = is_open ? group->weights[i] : 0;
    }
    share_ring_init(&ring, weights, count);
    unsigned index = choose(&ring, &exchange->rule->turns->moved);
    if (index != SHARE_RING_NOBODY)
        *target = group->members[index];
    return index != SHARE_RING_NOBODY;
}
