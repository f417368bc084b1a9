#include "lb/follow/listener_keeper.h"

#include <stdlib.h>

#include "lb/base/arena.h"
#include "lb/base/memory.h"
#include "lb/follow/newcomers.h"
#include "lb/route/name_map.h"

void listener_keeper_fini(struct listener_keeper *keeper)
{
    for (unsigned i = 0; i < keeper->lost_count; i++)
        json_decref(keeper->lost[i].object);
    free(keeper->lost);
    json_decref(keeper->left);
    listener_reader_forget(&keeper->list);
    *keeper = (struct listener_keeper){0};
}

/* ---- those that are lost --------------------------------------------------------------------- */

/* What a rule says, whoever says it. */
static void append_likeness(const struct listener_rule *rule, struct text *out)
{
    const struct view texts[] = {rule->listener, rule->server_name, rule->alpn, rule->service};
    text_appendf(out, "%d %u", (int)rule->kind, rule->port);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        text_appendf(out, " %zu ", texts[i].len);
        text_append(out, texts[i]);
    }
}

/* Which containers ask for anything now, and what is asked for. */
struct asking {
    struct arena arena;
    struct name_map containers;
    struct name_map likenesses;
};

static void list_asking(const struct listener_list *list, struct asking *asking)
{
    struct text likeness = TEXT_INIT;
    *asking = (struct asking){0};
    name_map_init(&asking->containers, list->count);
    name_map_init(&asking->likenesses, list->count);
    for (unsigned i = 0; i < list->count; i++) {
        text_clear(&likeness);
        append_likeness(&list->rules[i], &likeness);
        *name_map_add(&asking->likenesses, arena_copy(&asking->arena, text_view(&likeness))) = i;
        if (list->rules[i].container.len > 0)
            *name_map_add(&asking->containers, list->rules[i].container) = i;
    }
    name_map_finish(&asking->containers);
    name_map_finish(&asking->likenesses);
    text_fini(&likeness);
}

static void forget_asking(struct asking *asking)
{
    name_map_fini(&asking->containers);
    name_map_fini(&asking->likenesses);
    arena_fini(&asking->arena);
}

/* A container that is there and asks for other things has taken back what it says no more; what an operator
 * took out of a file is out; and what somebody else asks for as well needs nobody to be kept. */
static bool stays(const struct asking *asking, const struct listener_rule *rule)
{
    struct text likeness = TEXT_INIT;
    append_likeness(rule, &likeness);
    bool is_asked = name_map_find(&asking->likenesses, text_view(&likeness)) != NAME_MAP_NONE;
    text_fini(&likeness);
    return !is_asked && rule->container.len > 0 &&
           name_map_find(&asking->containers, rule->container) == NAME_MAP_NONE;
}

/* Of what was there first. */
static void keep(struct listener_keeper *next, const struct listener_rule *rule, json_t *object,
                 uint64_t until_ms)
{
    if (next->lost_count < LISTENER_RULES_MAX)
        next->lost[next->lost_count++] = (struct lost_listener){
            .rule = *rule, .object = json_incref(object), .until_ms = until_ms};
}

static void list_lost(const struct listener_keeper *keeper, uint64_t now_ms,
                      struct listener_keeper *next)
{
    const struct listener_list *list = &keeper->list;
    struct asking asking;
    if (list->count + keeper->lost_count == 0)
        return;
    list_asking(&next->list, &asking);
    next->lost = memory_new((list->count + keeper->lost_count) * sizeof(*next->lost));
    for (unsigned i = 0; i < keeper->lost_count; i++) {
        const struct lost_listener *lost = &keeper->lost[i];
        if (lost->until_ms > now_ms && stays(&asking, &lost->rule))
            keep(next, &lost->rule, lost->object, lost->until_ms);
    }
    for (unsigned i = 0; i < list->count; i++)
        if (stays(&asking, &list->rules[i]))
            keep(next, &list->rules[i], json_array_get(list->array, i),
                 now_ms + LISTENER_KEEPER_MS);
    forget_asking(&asking);
}

/* ---- those whose service somebody else has come to ------------------------------------------- */

/* Which listener. */
static void append_listener(const struct listener_rule *rule, struct text *out)
{
    text_appendf(out, "%d %u ", (int)rule->kind, rule->port);
    text_append(out, rule->listener);
}

static const struct listener_rule *rule_at(const void *rules, uint32_t number)
{
    return &((const struct listener_rule *)rules)[number];
}

static struct view container_at(const void *rules, uint32_t number)
{
    return rule_at(rules, number)->container;
}

static void append_listener_at(const void *rules, uint32_t number, struct text *out)
{
    append_listener(rule_at(rules, number), out);
}

static struct view listener_of(const struct listener_rule *rule, struct text *text)
{
    text_clear(text);
    append_listener(rule, text);
    return text_view(text);
}

/* Who came and asks for the listener in other ways is the owner, who says now what counts. */
static void judge(struct listener_keeper *keeper, const struct newcomers *newcomers)
{
    struct text listener = TEXT_INIT;
    unsigned kept = 0;
    for (unsigned i = 0; i < keeper->lost_count; i++) {
        struct lost_listener *lost = &keeper->lost[i];
        struct view service = lost->rule.service;
        uint64_t lost_ms = lost->until_ms - LISTENER_KEEPER_MS;
        if (newcomers_claim(newcomers, service, listener_of(&lost->rule, &listener), lost_ms)) {
            json_decref(lost->object);
            continue;
        }
        lost->rule.is_closed |= newcomers_came(newcomers, service, lost_ms);
        keeper->lost[kept++] = *lost;
    }
    keeper->lost_count = kept;
    text_fini(&listener);
}

static void heed_newcomers(const struct listener_keeper *before,
                           const struct listener_keeper_line *line, struct listener_keeper *next)
{
    struct newcomers newcomers;
    struct text listener = TEXT_INIT;
    next->left = before->left ? json_copy(before->left) : json_object();
    newcomers_init(&newcomers,
                   &(struct newcomers_line){.before = line->services_before,
                                            .now = line->services,
                                            .rules = next->list.rules,
                                            .rule_count = next->list.count,
                                            .container_of = container_at,
                                            .append_place = append_listener_at,
                                            .now_ms = line->now_ms,
                                            .kept_ms = LISTENER_KEEPER_MS,
                                            .left = next->left},
                   next->lost_count);
    for (unsigned i = 0; i < next->lost_count; i++) {
        const struct listener_rule *rule = &next->lost[i].rule;
        newcomers_watch(&newcomers, rule->service, listener_of(rule, &listener));
    }
    newcomers_find(&newcomers);
    judge(next, &newcomers);
    newcomers_fini(&newcomers);
    text_fini(&listener);
}

/* ---- time ------------------------------------------------------------------------------------ */

bool listener_keeper_expire(struct listener_keeper *keeper, uint64_t now_ms)
{
    unsigned kept = 0, count = keeper->lost_count;
    for (unsigned i = 0; i < count; i++)
        if (keeper->lost[i].until_ms <= now_ms)
            json_decref(keeper->lost[i].object);
        else
            keeper->lost[kept++] = keeper->lost[i];
    keeper->lost_count = kept;
    return kept < count;
}

uint64_t listener_keeper_next_ms(const struct listener_keeper *keeper)
{
    uint64_t next_ms = UINT64_MAX;
    for (unsigned i = 0; i < keeper->lost_count; i++)
        if (keeper->lost[i].until_ms < next_ms)
            next_ms = keeper->lost[i].until_ms;
    return next_ms;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool is_same(json_t *a, json_t *b)
{
    return json_array_size(a) == 0 ? json_array_size(b) == 0 && (!b || json_is_array(b))
                                   : json_equal(a, b);
}

/* Nothing else is lost, and nothing has been closed. */
static bool has_same_lost(const struct listener_keeper *a, const struct listener_keeper *b)
{
    bool is_alike = a->lost_count == b->lost_count;
    for (unsigned i = 0; is_alike && i < a->lost_count; i++)
        is_alike = a->lost[i].object == b->lost[i].object &&
                   a->lost[i].rule.is_closed == b->lost[i].rule.is_closed;
    return is_alike;
}

enum listener_keeper_news listener_keeper_read(const struct listener_keeper *keeper,
                                               const struct listener_keeper_line *line,
                                               struct listener_keeper *next, struct text *problem)
{
    bool has_same_rules = is_same(keeper->list.array, line->listeners);
    if (has_same_rules && keeper->lost_count == 0)
        return LISTENER_KEEPER_SAME;
    *next = (struct listener_keeper){0};
    if (!listener_reader_read(line->listeners, &next->list, problem)) {
        listener_keeper_fini(next);
        return LISTENER_KEEPER_REFUSED;
    }
    list_lost(keeper, line->now_ms, next);
    if (next->lost_count > 0)
        heed_newcomers(keeper, line, next);
    return has_same_rules && has_same_lost(keeper, next) ? LISTENER_KEEPER_ALIKE
                                                         : LISTENER_KEEPER_OTHER;
}
