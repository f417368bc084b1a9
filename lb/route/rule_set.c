#include "lb/route/rule_set.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/limits.h"

#define NO_PLACE RULE_SET_NO_PLACE

/* ---- regexes --------------------------------------------------------------------------------- */

static unsigned count_regexes(const struct route *route)
{
    unsigned count = (unsigned)route_kind_is_regex(route->host.kind) +
                     (unsigned)route_kind_is_regex(route->path.kind);
    for (unsigned i = 0; i < route->condition_count; i++)
        count += route_kind_is_regex(route->conditions[i].kind);
    return count;
}

/* How many regexes each container has: one alone may neither use up those of all, nor what time a lookup
 * has for them. */
struct shares {
    struct name_map map;
};

static bool has_regexes(const struct rule_wanted *wanted)
{
    return wanted->box ? wanted->box->regexes.count > 0 : count_regexes(wanted->route) > 0;
}

static void shares_init(struct shares *shares, const struct rule_wanted *wanted, uint32_t count)
{
    uint32_t room = 0;
    for (uint32_t i = 0; i < count; i++)
        room += has_regexes(&wanted[i]);
    name_map_init(&shares->map, room);
}

/* False: it has too many. What no container says, the operator does. */
static bool take_share(struct shares *shares, const struct route *route)
{
    unsigned count = count_regexes(route);
    if (count == 0 || route->container.len == 0)
        return true;
    uint32_t *share = name_map_add(&shares->map, route->container);
    if (*share == NAME_MAP_NONE)
        *share = 0;
    if (*share + count > LIMITS_REGEXES_OF_ONE_MAX)
        return false;
    *share += count;
    return true;
}

/* ---- making rules ---------------------------------------------------------------------------- */

static void leave_out(struct rule_set *set, const struct route *route, enum rule_limit limit)
{
    if (!set->left_out)
        set->left_out =
            arena_new(&set->arena, RULE_SET_LEFT_OUT_MAX * sizeof(struct rule_left_out));
    if (set->left_out_count < RULE_SET_LEFT_OUT_MAX)
        set->left_out[set->left_out_count] =
            (struct rule_left_out){route_copy(route, &set->arena), limit};
    set->left_out_count++;
}

/* One that is there already. */
static void keep(struct rule_set *set, const struct rule_wanted *wanted, struct shares *shares)
{
    struct rule_box *box = wanted->box;
    if (box->regexes.count == 0)
        return;
    bool has_share = take_share(shares, wanted->route);
    if (has_share && regexes_add(&set->regexes, &box->regexes))
        return;
    box->place = NO_PLACE;
    leave_out(set, wanted->route, has_share ? RULE_LIMIT_REGEXES : RULE_LIMIT_CONTAINER_REGEXES);
}

static void make(struct rule_set *set, struct rule_wanted *wanted, struct shares *shares,
                 const struct rule_set *before)
{
    if (!take_share(shares, wanted->route)) {
        leave_out(set, wanted->route, RULE_LIMIT_CONTAINER_REGEXES);
        return;
    }
    wanted->box = rule_box_new(wanted->route, &set->regexes, before ? &before->regexes : NULL);
    if (!wanted->box)
        leave_out(set, wanted->route, RULE_LIMIT_REGEXES);
}

/* Each that is to be in the set gets a place, others have none. */
static void make_all(struct rule_set *set, struct rule_wanted *wanted, uint32_t count,
                     const struct rule_set *before)
{
    struct shares shares;
    shares_init(&shares, wanted, count);
    for (uint32_t i = 0; before && i < before->count; i++)
        rule_box_of(before->rules[i])->place = NO_PLACE;
    for (uint32_t i = 0; i < count; i++)
        if (wanted[i].box) {
            wanted[i].box->place = i;
            keep(set, &wanted[i], &shares);
        }
    for (uint32_t i = 0; i < count; i++)
        if (!wanted[i].box) {
            make(set, &wanted[i], &shares, before);
            if (wanted[i].box)
                wanted[i].box->place = i;
        }
    name_map_fini(&shares.map);
}

/* ---- their order ----------------------------------------------------------------------------- */

static int compare(const struct rule *a, const struct rule *b)
{
    enum rule_why why;
    int order = (int)b->route.is_ranked - (int)a->route.is_ranked;
    return order ? order : rule_order(a, b, &why);
}

static int compare_new(const void *left, const void *right)
{
    const struct rule *a = *(const struct rule *const *)left;
    const struct rule *b = *(const struct rule *const *)right;
    int order = compare(a, b);
    uint32_t place = rule_box_of(a)->place, other = rule_box_of(b)->place;
    return order ? order : (place > other) - (place < other);
}

/* Those of before that stay, in their order. They have no places then. */
static uint32_t take_old(const struct rule_set *before, const struct rule **rules,
                         uint32_t *services)
{
    uint32_t taken = 0;
    for (uint32_t i = 0; before && i < before->count; i++) {
        struct rule_box *box = rule_box_of(before->rules[i]);
        if (box->place == NO_PLACE)
            continue;
        box->place = NO_PLACE;
        services[taken] = before->services[i];
        rules[taken++] = before->rules[i];
    }
    return taken;
}

static uint32_t take_new(const struct rule_wanted *wanted, uint32_t count,
                         const struct rule **rules)
{
    uint32_t taken = 0;
    for (uint32_t i = 0; i < count; i++)
        if (wanted[i].box && wanted[i].box->place != NO_PLACE)
            rules[taken++] = &wanted[i].box->rule;
    qsort(rules, taken, sizeof(*rules), compare_new);
    return taken;
}

/* How many of the old ones, from `at` on, come before that one. */
static uint32_t count_before(const struct rule **rules, uint32_t at, uint32_t count,
                             const struct rule *rule)
{
    uint32_t low = at, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(rules[middle], rule) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low - at;
}

static void append(struct rule_set *set, const struct rule **rules, const uint32_t *services,
                   uint32_t count)
{
    if (count == 0)
        return;
    memcpy(set->rules + set->count, rules, count * sizeof(*rules));
    memcpy(set->services + set->count, services, count * sizeof(*services));
    set->count += count;
}

static void merge(struct rule_set *set, const struct rule_wanted *wanted, uint32_t count,
                  const struct rule_set *before)
{
    static const uint32_t no_service = ROUTE_SERVICES_NONE;
    uint32_t room = before ? before->count : 0;
    const struct rule **old = memory_new(room * sizeof(*old));
    const struct rule **new = memory_new(count * sizeof(*new));
    uint32_t *services = memory_new(room * sizeof(*services));
    uint32_t old_count = take_old(before, old, services), at = 0;
    uint32_t new_count = take_new(wanted, count, new);
    for (uint32_t i = 0; i < new_count; i++) {
        uint32_t run = count_before(old, at, old_count, new[i]);
        append(set, old + at, services + at, run);
        append(set, &new[i], &no_service, 1);
        at += run;
    }
    append(set, old + at, services + at, old_count - at);
    free(services);
    free(new);
    free(old);
}

static void count_ranked(struct rule_set *set)
{
    uint32_t low = 0, high = set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (set->rules[middle]->route.is_ranked)
            low = middle + 1;
        else
            high = middle;
    }
    set->ranked_count = low;
}

void rule_set_init(struct rule_set *set, struct rule_wanted *wanted, uint32_t count,
                   const struct rule_set *before)
{
    *set = (struct rule_set){.rules = memory_new(count * sizeof(*set->rules)),
                             .services = memory_new(count * sizeof(*set->services))};
    make_all(set, wanted, count, before);
    merge(set, wanted, count, before);
    for (uint32_t i = 0; i < set->count; i++)
        rule_box_ref(rule_box_of(set->rules[i]));
    count_ranked(set);
}

void rule_set_fini(struct rule_set *set)
{
    for (uint32_t i = 0; i < set->count; i++)
        rule_box_unref(rule_box_of(set->rules[i]));
    regexes_fini(&set->regexes);
    arena_fini(&set->arena);
    free(set->services);
    free(set->rules);
    *set = (struct rule_set){0};
}

void rule_set_append_left_out(const struct rule_left_out *left_out, struct text *out)
{
    if (left_out->limit == RULE_LIMIT_CONTAINER_REGEXES)
        text_appendf(out,
                     "not served: the routes of one container may have %u regexes, and this is one "
                     "more; write hosts and paths without regexes, or fewer routes",
                     LIMITS_REGEXES_OF_ONE_MAX);
    else
        text_appendf(out,
                     "not served: all routes together may have %u different regexes, and these are "
                     "taken; write hosts and paths without regexes",
                     LIMITS_REGEXES_MAX);
}
