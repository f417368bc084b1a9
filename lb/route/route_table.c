#include "lb/route/route_table.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/route/planting.h"

/* ---- building -------------------------------------------------------------------------------- */

struct route_table *route_table_next(struct rule_wanted *wanted, uint32_t count,
                                     const struct route_table *before)
{
    struct route_table *table = memory_new(sizeof(*table));
    struct rule_set *set = &table->set;
    atomic_init(&table->ref_count, 1);
    rule_set_init(set, wanted, count, before ? &before->set : NULL);
    table->kept_services = route_services_new(set->rules, set->services, set->count,
                                              before ? before->kept_services : NULL);
    route_groups_init(&table->groups, set->rules, set->count, table->kept_services);
    table->rules = set->rules;
    table->count = set->count;
    table->ranked_count = set->ranked_count;
    table->service_of = set->services;
    table->services = table->kept_services->names;
    table->service_count = table->kept_services->count;
    table->unusable = set->left_out;
    table->unusable_count = set->left_out_count;
    planting_make(&table->ranked, table->rules, table->ranked_count,
                  before ? &before->ranked : NULL);
    planting_make(&table->unranked, table->rules + table->ranked_count,
                  table->count - table->ranked_count, before ? &before->unranked : NULL);
    return table;
}

struct route_table *route_table_new(const struct route *routes, uint32_t count,
                                    const struct route_table *before)
{
    struct rule_wanted *wanted = memory_new(count * sizeof(*wanted));
    for (uint32_t i = 0; i < count; i++)
        wanted[i].route = &routes[i];
    struct route_table *table = route_table_next(wanted, count, before);
    for (uint32_t i = 0; i < count; i++)
        rule_box_unref(wanted[i].box);
    free(wanted);
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
    route_groups_fini(&table->groups);
    route_services_unref(table->kept_services);
    rule_set_fini(&table->set);
    free(table);
}

uint32_t route_table_service(const struct route_table *table, struct view name)
{
    return name_map_find(&table->kept_services->map, name);
}

bool route_table_leads_alike(const struct route_table *a, const struct route_table *b)
{
    return a == b || (a && b && a->kept_services == b->kept_services);
}

/* ---- looking --------------------------------------------------------------------------------- */

/* The better of the best ranked one and the best of the others. */
static uint32_t better(const struct route_table *table, uint32_t ranked, uint32_t unranked)
{
    enum rule_why why;
    if (ranked == ROUTE_TABLE_NONE || unranked == ROUTE_TABLE_NONE)
        return ranked == ROUTE_TABLE_NONE ? unranked : ranked;
    return rule_order(table->rules[ranked], table->rules[unranked], &why) <= 0 ? ranked : unranked;
}

static void begin(const struct route_table *table, const struct question *question)
{
    if (table->set.regexes.count > 0)
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
    if (table->set.regexes.count == 0 || !pattern_scratch_is_exhausted(question->scratch))
        return false;
    begin(table, question);
    return rule_holds(table->rules[number], question) != TRUTH_YES;
}

bool route_table_knows(const struct route_table *table, const struct question *question)
{
    begin(table, question);
    return route_index_knows(&table->unranked, question) ||
           route_index_knows(&table->ranked, question);
}

/* The first rule of exactly that host, whatever its path. */
static uint32_t first_of(const struct route_table *table, struct view host)
{
    const struct route_host *ranked = route_index_exact(&table->ranked, host);
    const struct route_host *unranked = route_index_exact(&table->unranked, host);
    return choose(table, ranked ? ranked->least : ROUTE_INDEX_NONE,
                  unranked ? unranked->least : ROUTE_INDEX_NONE);
}

const struct https_rule *route_table_https(const struct route_table *table, struct view host,
                                           struct pattern_scratch *scratch)
{
    const struct question question = {.host = host,
                                      .path = VIEW("/"),
                                      .method = VIEW("GET"),
                                      .scheme = VIEW("https"),
                                      .scratch = scratch};
    uint32_t number = route_table_find(table, &question);
    if (number == ROUTE_TABLE_NONE)
        number = first_of(table, host);
    if (number == ROUTE_TABLE_NONE || !table->rules[number]->treatment)
        return NULL;
    return &table->rules[number]->treatment->https;
}

/* The first from `at` on that holds or may, and is not `without`. */
static uint32_t first_that_holds(const struct route_table *table, const struct question *question,
                                 uint32_t at, uint32_t end, uint32_t without)
{
    begin(table, question);
    for (; at < end; at++)
        if (at != without && rule_holds(table->rules[at], question) != TRUTH_NO)
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
