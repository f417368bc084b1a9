#include "lb/route/route_table.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/limits.h"

/* ---- building -------------------------------------------------------------------------------- */

static int compare_rules(const void *left, const void *right)
{
    const struct rule *const *a = left, *const *b = right;
    enum rule_why why;
    bool is_ranked = (*a)->route.is_ranked, is_other_ranked = (*b)->route.is_ranked;
    int order = (int)is_other_ranked - (int)is_ranked;
    if (order == 0)
        order = rule_order(*a, *b, &why);
    return order ? order : (*a > *b) - (*a < *b);
}

/* How many regexes each container has: one alone may neither use up those of all, nor what time a lookup
 * has for them. */
struct regex_share {
    struct view container;
    unsigned count;
};

static unsigned count_regexes(const struct route *route)
{
    unsigned count = (unsigned)route_kind_is_regex(route->host.kind) +
                     (unsigned)route_kind_is_regex(route->path.kind);
    for (unsigned i = 0; i < route->condition_count; i++)
        count += route_kind_is_regex(route->conditions[i].kind);
    return count;
}

/* False: it has too many. What no container says, the operator does. */
static bool take_share(struct regex_share *shares, uint32_t *share_count, const struct route *route)
{
    unsigned count = count_regexes(route);
    uint32_t i = 0;
    if (count == 0 || route->container.len == 0)
        return true;
    while (i < *share_count && !view_eq(shares[i].container, route->container))
        i++;
    if (i == *share_count)
        shares[(*share_count)++] = (struct regex_share){.container = route->container};
    if (shares[i].count + count > LIMITS_REGEXES_OF_ONE_MAX)
        return false;
    shares[i].count += count;
    return true;
}

static struct rule *compile_all(struct route_table *table, const struct route *routes,
                                uint32_t count, const struct route_table *before)
{
    struct rule *rules = memory_new(count * sizeof(*rules));
    struct regex_share *shares = memory_new((count + 1) * sizeof(*shares));
    uint32_t share_count = 0;
    const struct compiling compiling = {.arena = &table->arena,
                                        .regexes = &table->regexes,
                                        .regexes_before = before ? &before->regexes : NULL};
    for (uint32_t i = 0; i < count; i++)
        if (take_share(shares, &share_count, &routes[i]) &&
            rule_compile(&routes[i], &compiling, &rules[table->count]))
            table->count++;
    free(shares);
    table->unusable_count = count - table->count;
    return rules;
}

/* By pointers: a rule is large. */
static void sort(struct route_table *table, const struct rule *rules)
{
    const struct rule **order = memory_new(table->count * sizeof(struct rule *));
    for (uint32_t i = 0; i < table->count; i++)
        order[i] = &rules[i];
    qsort(order, table->count, sizeof(struct rule *), compare_rules);
    table->rules = memory_new(table->count * sizeof(*table->rules));
    for (uint32_t i = 0; i < table->count; i++) {
        table->rules[i] = *order[i];
        table->ranked_count += order[i]->route.is_ranked;
    }
    free(order);
}

static int compare_views(struct view one, struct view other)
{
    size_t shorter = one.len < other.len ? one.len : other.len;
    int order = shorter > 0 ? memcmp(one.ptr, other.ptr, shorter) : 0;
    return order ? order : (one.len > other.len) - (one.len < other.len);
}

static int compare_services(const void *left, const void *right)
{
    const struct rule *const *a = left, *const *b = right;
    return compare_views((*a)->route.service, (*b)->route.service);
}

static void list_services(struct route_table *table)
{
    struct rule **order = memory_new(table->count * sizeof(struct rule *));
    for (uint32_t i = 0; i < table->count; i++)
        order[i] = &table->rules[i];
    qsort(order, table->count, sizeof(struct rule *), compare_services);
    table->services = memory_new(table->count * sizeof(*table->services));
    for (uint32_t i = 0; i < table->count; i++) {
        struct view name = order[i]->route.service;
        if (i == 0 || !view_eq(name, table->services[table->service_count - 1]))
            table->services[table->service_count++] = name;
        order[i]->service = table->service_count - 1;
    }
    free(order);
}

struct route_table *route_table_new(const struct route *routes, uint32_t count,
                                    const struct route_table *before)
{
    struct route_table *table = memory_new(sizeof(*table));
    atomic_init(&table->ref_count, 1);
    struct rule *rules = compile_all(table, routes, count, before);
    sort(table, rules);
    free(rules);
    list_services(table);
    route_index_init(&table->ranked, table->rules, table->ranked_count);
    route_index_init(&table->unranked, table->rules + table->ranked_count,
                     table->count - table->ranked_count);
    return table;
}

struct route_table *route_table_ref(struct route_table *table)
{
    atomic_fetch_add_explicit(&table->ref_count, 1, memory_order_relaxed);
    return table;
}

void route_table_unref(struct route_table *table)
{
    if (!table || atomic_fetch_sub_explicit(&table->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    route_index_fini(&table->ranked);
    route_index_fini(&table->unranked);
    regexes_fini(&table->regexes);
    arena_fini(&table->arena);
    free(table->services);
    free(table->rules);
    free(table);
}

uint32_t route_table_service(const struct route_table *table, struct view name)
{
    uint32_t low = 0, high = table->service_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = compare_views(name, table->services[middle]);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return ROUTE_TABLE_NONE;
}

/* ---- looking --------------------------------------------------------------------------------- */

/* The better of the best ranked one and the best of the others. */
static uint32_t better(const struct route_table *table, uint32_t ranked, uint32_t unranked)
{
    enum rule_why why;
    if (ranked == ROUTE_TABLE_NONE || unranked == ROUTE_TABLE_NONE)
        return ranked == ROUTE_TABLE_NONE ? unranked : ranked;
    return rule_order(&table->rules[ranked], &table->rules[unranked], &why) <= 0 ? ranked
                                                                                 : unranked;
}

static void begin(const struct route_table *table, const struct question *question)
{
    if (table->regexes.count > 0)
        pattern_scratch_begin(question->scratch);
}

/* Of the best of each index. */
static uint32_t choose(const struct route_table *table, uint32_t ranked, uint32_t unranked)
{
    if (unranked != ROUTE_INDEX_NONE)
        unranked += table->ranked_count;
    return better(table, ranked, unranked);
}

uint32_t route_table_find(const struct route_table *table, const struct question *question)
{
    begin(table, question);
    uint32_t unranked = route_index_find(&table->unranked, question);
    if (table->ranked_count == 0)
        return unranked;
    return choose(table, route_index_find(&table->ranked, question), unranked);
}

/* Most authorities are the host as it is compared, and there is only one such in the table. */
bool route_table_meet(const struct route_table *table, struct view authority,
                      struct route_table_hosts *met)
{
    const struct route_index *index = &table->unranked;
    const struct route_host *exact = route_index_exact(index, authority);
    met->host = authority;
    if (!exact) {
        met->host = host_name_of(authority, met->room);
        exact = route_index_exact(index, met->host);
    }
    route_index_meet(index, exact, met->host, &met->unranked);
    met->ranked.count = 0;
    if (table->ranked_count > 0) {
        exact = route_index_exact(&table->ranked, met->host);
        route_index_meet(&table->ranked, exact, met->host, &met->ranked);
    }
    return met->ranked.count <= ROUTE_HOSTS_ROOM && met->unranked.count <= ROUTE_HOSTS_ROOM;
}

uint32_t route_table_find_among(const struct route_table *table,
                                const struct route_table_hosts *met,
                                const struct question *question)
{
    begin(table, question);
    uint32_t unranked = route_index_find_among(&table->unranked, &met->unranked, question);
    if (table->ranked_count == 0)
        return unranked;
    return choose(table, route_index_find_among(&table->ranked, &met->ranked, question), unranked);
}

bool route_table_is_in_doubt(const struct route_table *table, const struct question *question,
                             uint32_t number)
{
    if (table->regexes.count == 0 || !pattern_scratch_is_exhausted(question->scratch))
        return false;
    begin(table, question);
    return rule_holds(&table->rules[number], question) != TRUTH_YES;
}

bool route_table_knows(const struct route_table *table, const struct question *question)
{
    begin(table, question);
    return route_index_knows(&table->unranked, question) ||
           route_index_knows(&table->ranked, question);
}

/* The first from `at` on that holds or may, and is not `without`. */
static uint32_t first_that_holds(const struct route_table *table, const struct question *question,
                                 uint32_t at, uint32_t end, uint32_t without)
{
    begin(table, question);
    for (; at < end; at++)
        if (at != without && rule_holds(&table->rules[at], question) != TRUTH_NO)
            return at;
    return ROUTE_TABLE_NONE;
}

static uint32_t find_without(const struct route_table *table, const struct question *question,
                             uint32_t without)
{
    return better(table, first_that_holds(table, question, 0, table->ranked_count, without),
                  first_that_holds(table, question, table->ranked_count, table->count, without));
}

struct route_table_answer route_table_explain(const struct route_table *table,
                                              const struct question *question)
{
    struct route_table_answer answer = {.winner = ROUTE_TABLE_NONE, .next = ROUTE_TABLE_NONE};
    answer.winner = find_without(table, question, ROUTE_TABLE_NONE);
    if (answer.winner != ROUTE_TABLE_NONE)
        answer.next = find_without(table, question, answer.winner);
    return answer;
}
