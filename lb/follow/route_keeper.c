#include "lb/follow/route_keeper.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/limits.h"
#include "lb/follow/newcomers.h"
#include "lb/route/name_map.h"

void route_keeper_fini(struct route_keeper *keeper)
{
    for (uint32_t i = 0; i < keeper->lost_count; i++)
        rule_box_unref(keeper->lost[i].box);
    free(keeper->lost);
    json_decref(keeper->left);
    route_table_unref(keeper->table);
    route_reader_forget(&keeper->list);
    *keeper = (struct route_keeper){0};
}

/* ---- those that are lost --------------------------------------------------------------------- */

/* Takes the reference. */
static void add_lost(struct route_keeper *keeper, struct rule_box *box, uint64_t until_ms)
{
    if (keeper->lost_count == keeper->lost_room) {
        keeper->lost_room = keeper->lost_room * 2 + 16;
        keeper->lost = memory_resize(keeper->lost, keeper->lost_room * sizeof(*keeper->lost));
    }
    keeper->lost[keeper->lost_count++] = (struct lost_route){box, until_ms};
}

/* Who swaps the containers of a service that he has paused has as much time as that. */
static uint64_t until_ms(const struct route_keeper *keeper, const struct lost_route *lost)
{
    uint64_t paused_ms =
        keeper->orders ? service_orders_paused_until(keeper->orders, lost->box->rule.route.service)
                       : 0;
    return paused_ms > lost->until_ms ? paused_ms : lost->until_ms;
}

/* A container may come back. What an operator took out of a file is out. */
static bool may_come_back(const struct route *route)
{
    return !view_eq(route->dialect, VIEW(ROUTE_DIALECT_FILE));
}

/* Those of before that the line does not say in the same words, and for how long they would stay. */
static void list_missing(const struct route_keeper *keeper, uint64_t now_ms,
                         struct route_keeper *next)
{
    enum { GONE, HERE };
    const struct route_list *list = &keeper->list;
    for (uint32_t i = 0; i < list->count; i++)
        if (list->wanted[i].box)
            list->wanted[i].box->place = GONE;
    for (uint32_t i = 0; i < next->list.count; i++)
        if (next->list.wanted[i].box)
            next->list.wanted[i].box->place = HERE;
    for (uint32_t i = 0; i < keeper->lost_count; i++)
        if (until_ms(keeper, &keeper->lost[i]) > now_ms)
            add_lost(next, rule_box_ref(keeper->lost[i].box), keeper->lost[i].until_ms);
    for (uint32_t i = 0; i < list->count; i++) {
        struct rule_box *box = list->wanted[i].box;
        if (box && box->place == GONE && may_come_back(&box->rule.route) &&
            next->lost_count < LIMITS_ROUTES_MAX)
            add_lost(next, rule_box_ref(box), now_ms + ROUTE_KEEPER_MS);
    }
}

static struct view container_of(const struct rule_wanted *wanted)
{
    return wanted->box ? wanted->box->rule.route.container : wanted->route->container;
}

/* A container that is there with other routes has taken back what it says no more: it may be kept from
 * whom the old ones let in. */
static void drop_withdrawn(struct route_keeper *keeper)
{
    struct name_map here;
    uint32_t kept = 0;
    name_map_init(&here, keeper->list.count);
    for (uint32_t i = 0; i < keeper->list.count; i++)
        *name_map_add(&here, container_of(&keeper->list.wanted[i])) = i;
    name_map_finish(&here);
    for (uint32_t i = 0; i < keeper->lost_count; i++) {
        struct view container = keeper->lost[i].box->rule.route.container;
        if (container.len > 0 && name_map_find(&here, container) != NAME_MAP_NONE)
            rule_box_unref(keeper->lost[i].box);
        else
            keeper->lost[kept++] = keeper->lost[i];
    }
    keeper->lost_count = kept;
    name_map_fini(&here);
}

/* Which of those that are missing the line has in other words. */
static void note_back(const struct route_list *list, const struct name_map *missing, bool *are_back)
{
    struct text text = TEXT_INIT;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct rule_wanted *wanted = &list->wanted[i];
        text_clear(&text);
        if (!wanted->box)
            route_append_likeness(wanted->route, &text);
        struct view likeness = wanted->box ? wanted->box->likeness : text_view(&text);
        uint32_t number = name_map_find(missing, likeness);
        if (number != NAME_MAP_NONE)
            are_back[number] = true;
    }
    text_fini(&text);
}

static void drop_back(struct route_keeper *keeper, const struct name_map *missing,
                      const bool *are_back)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < keeper->lost_count; i++)
        if (are_back[name_map_find(missing, keeper->lost[i].box->likeness)])
            rule_box_unref(keeper->lost[i].box);
        else
            keeper->lost[kept++] = keeper->lost[i];
    keeper->lost_count = kept;
}

/* Those of before that the line does not have in any words. */
static void drop_alike(struct route_keeper *keeper)
{
    struct name_map missing;
    name_map_init(&missing, keeper->lost_count);
    bool *are_back = memory_new(keeper->lost_count);
    for (uint32_t i = 0; i < keeper->lost_count;
         i++) /* of those that are alike the last one's number */
        *name_map_add(&missing, keeper->lost[i].box->likeness) = i;
    name_map_finish(&missing);
    note_back(&keeper->list, &missing, are_back);
    drop_back(keeper, &missing, are_back);
    free(are_back);
    name_map_fini(&missing);
}

/* ---- those whose service somebody else has come to ------------------------------------------- */

/* Requests for it go to nobody. Its regexes are there already. */
static void close_lost(struct lost_route *lost)
{
    struct regexes regexes = {0};
    struct route route = lost->box->rule.route;
    route.answer_status = 503;
    route.why = VIEW("its container is gone, and another one has come to its service that does not "
                     "ask for it");
    struct rule_box *box = rule_box_new(&route, &regexes, &lost->box->regexes);
    regexes_fini(&regexes);
    rule_box_unref(lost->box);
    lost->box = box;
}

/* The host pattern. */
static void append_host(const struct route *route, struct text *out)
{
    struct view host = route->host.text;
    text_append_str(out, host.len > 0 ? route_kind_word(route->host.kind) : "any");
    text_appendf(out, "%zu:", host.len);
    text_append(out, host);
}

static const struct route *route_of(const void *rules, uint32_t number)
{
    return ((const struct rule_wanted *)rules)[number].route;
}

static struct view container_at(const void *rules, uint32_t number)
{
    return route_of(rules, number)->container;
}

static void append_host_at(const void *rules, uint32_t number, struct text *out)
{
    append_host(route_of(rules, number), out);
}

static struct view host_of(const struct route *route, struct text *text)
{
    text_clear(text);
    append_host(route, text);
    return text_view(text);
}

/* Who came and has other routes for the host is the owner, who says now what counts. */
static void judge(struct route_keeper *keeper, const struct newcomers *newcomers)
{
    struct text host = TEXT_INIT;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < keeper->lost_count; i++) {
        struct lost_route *lost = &keeper->lost[i];
        const struct route *route = &lost->box->rule.route;
        uint64_t lost_ms = lost->until_ms - ROUTE_KEEPER_MS;
        if (newcomers_claim(newcomers, route->service, host_of(route, &host), lost_ms)) {
            rule_box_unref(lost->box);
            continue;
        }
        if (route->answer_status == 0 && newcomers_came(newcomers, route->service, lost_ms))
            close_lost(lost);
        keeper->lost[kept++] = *lost;
    }
    keeper->lost_count = kept;
    text_fini(&host);
}

static void heed_newcomers(const struct route_keeper *before, const struct route_keeper_line *line,
                           struct route_keeper *next)
{
    struct newcomers newcomers;
    struct text host = TEXT_INIT;
    next->left = before->left ? json_copy(before->left) : json_object();
    newcomers_init(&newcomers,
                   &(struct newcomers_line){.before = line->services_before,
                                            .now = line->services,
                                            .rules = next->list.wanted,
                                            .rule_count = next->list.count,
                                            .container_of = container_at,
                                            .append_place = append_host_at,
                                            .now_ms = line->now_ms,
                                            .kept_ms = ROUTE_KEEPER_MS,
                                            .left = next->left},
                   next->lost_count);
    for (uint32_t i = 0; i < next->lost_count; i++) {
        const struct route *route = &next->lost[i].box->rule.route;
        newcomers_watch(&newcomers, route->service, host_of(route, &host));
    }
    text_fini(&host);
    newcomers_find(&newcomers);
    judge(next, &newcomers);
    newcomers_fini(&newcomers);
}

static void list_lost(const struct route_keeper *keeper, const struct route_keeper_line *line,
                      struct route_keeper *next)
{
    list_missing(keeper, line->now_ms, next);
    if (next->lost_count > 0 && next->list.count > 0)
        drop_withdrawn(next);
    if (next->lost_count > 0)
        drop_alike(next);
    if (next->lost_count > 0)
        heed_newcomers(keeper, line, next);
}

/* ---- the table ------------------------------------------------------------------------------- */

/* Of the list and what is lost. */
static struct route_table *make_table(struct route_keeper *keeper, const struct route_table *before)
{
    uint32_t count = keeper->list.count, lost_count = keeper->lost_count;
    struct route_table *table = NULL;
    struct rule_wanted *wanted = memory_new((count + lost_count) * sizeof(*wanted));
    if (count > 0)
        memcpy(wanted, keeper->list.wanted, count * sizeof(*wanted));
    for (uint32_t i = 0; i < lost_count; i++)
        wanted[count + i] =
            (struct rule_wanted){&keeper->lost[i].box->rule.route, keeper->lost[i].box};
    if (count + lost_count > 0)
        table = route_table_next(wanted, count + lost_count, before);
    if (count > 0)
        memcpy(keeper->list.wanted, wanted, count * sizeof(*wanted));
    free(wanted);
    return table;
}

bool route_keeper_expire(struct route_keeper *keeper, uint64_t now_ms)
{
    uint32_t kept = 0, count = keeper->lost_count;
    for (uint32_t i = 0; i < count; i++)
        if (until_ms(keeper, &keeper->lost[i]) <= now_ms)
            rule_box_unref(keeper->lost[i].box);
        else
            keeper->lost[kept++] = keeper->lost[i];
    keeper->lost_count = kept;
    if (kept == count)
        return false;
    struct route_table *before = keeper->table;
    keeper->table = make_table(keeper, before);
    route_table_unref(before);
    return true;
}

uint64_t route_keeper_next_ms(const struct route_keeper *keeper)
{
    uint64_t next_ms = UINT64_MAX;
    for (uint32_t i = 0; i < keeper->lost_count; i++)
        if (until_ms(keeper, &keeper->lost[i]) < next_ms)
            next_ms = until_ms(keeper, &keeper->lost[i]);
    return next_ms;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool is_same(json_t *a, json_t *b)
{
    return json_array_size(a) == 0 ? json_array_size(b) == 0 : json_equal(a, b);
}

/* Nothing else is lost, and nothing has been closed. */
static bool has_same_lost(const struct route_keeper *a, const struct route_keeper *b)
{
    bool is_alike = a->lost_count == b->lost_count;
    for (uint32_t i = 0; is_alike && i < a->lost_count; i++)
        is_alike = a->lost[i].box == b->lost[i].box;
    return is_alike;
}

enum route_keeper_news route_keeper_read(const struct route_keeper *keeper,
                                         const struct route_keeper_line *line,
                                         struct route_keeper *next, struct text *problem)
{
    bool has_same_routes =
        is_same(keeper->list.array, line->routes) && (!line->routes || json_is_array(line->routes));
    if (has_same_routes && keeper->lost_count == 0)
        return ROUTE_KEEPER_SAME;
    *next = (struct route_keeper){.orders = keeper->orders};
    json_t *routes = has_same_routes ? keeper->list.array : line->routes; /* with their boxes */
    if (!route_reader_read(routes, &keeper->list, &next->list, problem)) {
        route_keeper_fini(next);
        return ROUTE_KEEPER_REFUSED;
    }
    list_lost(keeper, line, next);
    if (has_same_routes && has_same_lost(keeper, next))
        next->table = route_table_ref(keeper->table);
    else
        next->table = make_table(next, keeper->table);
    return ROUTE_KEEPER_OTHER;
}

/* ---- services -------------------------------------------------------------------------------- */

bool route_keeper_serves(const struct route_keeper *keeper, const char *otherwise,
                         const char *service)
{
    const struct route_table *table = keeper->table;
    return strcmp(service, otherwise) == 0 ||
           (table && route_table_service(table, view_str(service)) != ROUTE_TABLE_NONE);
}
