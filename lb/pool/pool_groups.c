#include "lb/pool/pool_groups.h"

#include <string.h>

#include "lb/base/memory.h"

/* ---- weights --------------------------------------------------------------------------------- */

/* Of those without an order. */
struct others {
    uint32_t count, sum;
};

static struct others find_others(const uint32_t *weights, const int *percents, unsigned count)
{
    struct others others = {0};
    for (unsigned i = 0; i < count; i++)
        if (percents[i] < 0) {
            others.count++;
            others.sum += weights[i];
        }
    return others;
}

static uint32_t sum_of_percents(const int *percents, unsigned count)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += percents[i] > 0 ? (uint32_t)percents[i] : 0;
    return sum;
}

/* Percents are taken times what the others' weights sum up to, the others' weights times what remains. */
void pool_groups_weigh(uint32_t *weights, const int *percents, unsigned count)
{
    struct others others = find_others(weights, percents, count);
    uint32_t ordered = sum_of_percents(percents, count);
    uint32_t rest = ordered < 100 ? 100 - ordered : 0;
    bool are_even = others.sum == 0;
    uint32_t whole = are_even ? others.count : others.sum;
    if (others.count == count)
        return;
    if (rest == 0 || others.count == 0)
        whole = 1;
    for (unsigned i = 0; i < count; i++) {
        if (percents[i] >= 0)
            weights[i] = (uint32_t)percents[i] * whole;
        else
            weights[i] = rest * (are_even ? 1 : weights[i]);
    }
}

/* ---- groups ---------------------------------------------------------------------------------- */

static int percent_of(const struct pool_wanted *wanted, const char *service)
{
    for (unsigned i = 0; i < wanted->order_count; i++)
        if (strcmp(wanted->orders[i].service, service) == 0)
            return wanted->orders[i].percent;
    return POOL_WANTED_NO_SHARE;
}

/* One that is paused keeps its share, which waits. */
static bool has_servers(const struct routes_target *target)
{
    return target->service->next_paused_until_ms > 0 ||
           (target->listed && target->listed->rotation_count > 0);
}

static uint64_t peopled_ms(const struct routes_target *target)
{
    return atomic_load_explicit(&target->service->peopled_ms, memory_order_relaxed);
}

/* One that has servers, though they are not ready, or the one that had some last. */
static bool is_more_likely(const struct routes_target *a, const struct routes_target *b)
{
    if (!b || !a->listed != !b->listed)
        return !b || a->listed;
    return peopled_ms(a) > peopled_ms(b);
}

static void build_group(struct routes *routes, const struct route_group *from,
                        const struct pool_wanted *wanted, struct routes_group *out)
{
    const struct route *route = &routes->table->rules[from->rule]->route;
    uint32_t usable[ROUTE_SHARES_MAX];
    int percents[ROUTE_SHARES_MAX];
    for (unsigned i = 0; i < route->share_count; i++) {
        out->members[i] = &routes->targets[from->members[i]];
        out->weights[i] = route->shares[i].weight;
        percents[i] = percent_of(wanted, out->members[i]->service->name);
    }
    pool_groups_weigh(out->weights, percents, route->share_count);
    for (unsigned i = 0; i < route->share_count; i++) {
        usable[i] = has_servers(out->members[i]) ? out->weights[i] : 0;
        if (out->weights[i] > 0 && is_more_likely(out->members[i], out->awaited))
            out->awaited = out->members[i];
    }
    share_ring_init(&out->ring, usable, route->share_count);
}

void pool_groups_build(struct routes *routes, const struct pool_wanted *wanted)
{
    const struct route_groups *groups = &routes->table->groups;
    routes->groups = memory_new(groups->count * sizeof(*routes->groups));
    for (uint32_t i = 0; i < groups->count; i++)
        build_group(routes, &groups->list[i], wanted, &routes->groups[i]);
}
