#include "lb/admin/route_standing.h"

#include "lb/admin/route_words.h"

static void take_winner(struct route_standing *standing, uint32_t number)
{
    const struct rule *const *rules = standing->table->rules;
    uint32_t *winner = &standing->winners[standing->kinds[number]];
    enum rule_why why;
    if (rule_order(rules[number], rules[*winner], &why) < 0)
        *winner = number;
}

static void find_winners(struct route_standing *standing)
{
    const struct route_table *table = standing->table;
    struct name_map kinds;
    uint32_t kind_count = 0;
    name_map_init(&kinds, table->count);
    standing->kinds = arena_new(&standing->arena, table->count * sizeof(uint32_t));
    standing->winners = arena_new(&standing->arena, table->count * sizeof(uint32_t));
    for (uint32_t i = 0; i < table->count; i++) {
        uint32_t *kind = name_map_add(&kinds, rule_box_of(table->rules[i])->likeness);
        if (*kind == NAME_MAP_NONE) {
            standing->winners[kind_count] = i;
            *kind = kind_count++;
        }
        standing->kinds[i] = *kind;
        take_winner(standing, i);
    }
    name_map_fini(&kinds);
}

static void file_lost(struct route_standing *standing)
{
    const struct route_keeper *keeper = standing->keeper;
    for (uint32_t i = 0; i < keeper->lost_count; i++)
        *name_map_add(&standing->lost, keeper->lost[i].box->likeness) = i;
}

void route_standing_init(struct route_standing *standing, const struct route_table *table,
                         const struct route_keeper *keeper)
{
    *standing = (struct route_standing){.table = table, .keeper = keeper};
    name_map_init(&standing->lost, keeper->lost_count);
    find_winners(standing);
    file_lost(standing);
    name_map_finish(&standing->lost);
}

void route_standing_fini(struct route_standing *standing)
{
    name_map_fini(&standing->lost);
    arena_fini(&standing->arena);
}

uint32_t route_standing_winner(const struct route_standing *standing, uint32_t number)
{
    return standing->winners[standing->kinds[number]];
}

const struct lost_route *route_standing_lost(const struct route_standing *standing, uint32_t number)
{
    const struct rule_box *box = rule_box_of(standing->table->rules[number]);
    if (standing->keeper->lost_count == 0)
        return NULL;
    uint32_t found = name_map_find(&standing->lost, box->likeness);
    return found == NAME_MAP_NONE ? NULL : &standing->keeper->lost[found];
}

bool route_standing_is_overruled(const struct route_standing *standing, uint32_t number)
{
    const struct rule *const *rules = standing->table->rules;
    uint32_t winner = route_standing_winner(standing, number);
    return winner != number && !route_does_the_same(&rules[number]->route, &rules[winner]->route);
}

static void append_overruled(const struct route_standing *standing, uint32_t number,
                             struct text *out)
{
    const struct rule *rule = standing->table->rules[number];
    const struct rule *winner = standing->table->rules[route_standing_winner(standing, number)];
    if (!route_standing_is_overruled(standing, number))
        return;
    text_append_str(out, ". Overruled: the same requests go ");
    route_words_append_target(&winner->route, out);
    text_append_str(out, ", ");
    route_words_append_origin(&winner->route, out);
    text_append_str(out, ": ");
    rule_append_why(winner, rule, out);
    text_append_str(out, ". Change one of the two");
}

void route_standing_append(const struct route_standing *standing, uint32_t number, uint64_t now_ms,
                           struct text *out)
{
    const struct lost_route *lost = route_standing_lost(standing, number);
    append_overruled(standing, number, out);
    if (!lost)
        return;
    uint64_t left_ms = lost->until_ms > now_ms ? lost->until_ms - now_ms : 0;
    text_appendf(out,
                 ". Its container is gone; the route stays for %llu s more, so that nobody else "
                 "gets its requests while the container is created anew",
                 (unsigned long long)((left_ms + 999) / 1000));
}
