#include "lb/follow/route_keeper.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/limits.h"
#include "lb/route/name_map.h"

void route_keeper_fini(struct route_keeper *keeper)
{
    for (uint32_t i = 0; i < keeper->lost_count; i++)
        arena_fini(&keeper->lost[i].arena);
    free(keeper->lost);
    route_table_unref(keeper->table);
    route_reader_forget(&keeper->list);
    json_decref(keeper->array);
    *keeper = (struct route_keeper){0};
}

/* ---- which of them a line has ---------------------------------------------------------------- */

/* The routes of a list, by what they match. */
struct likes {
    struct arena arena;
    struct name_map map;
};

static struct view likeness_of(const struct route *route, struct text *text)
{
    text_clear(text);
    route_append_likeness(route, text);
    return text_view(text);
}

static void likes_init(struct likes *likes, const struct route_list *list)
{
    struct text text = TEXT_INIT;
    likes->arena = (struct arena){0};
    name_map_init(&likes->map, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        *name_map_add(&likes->map,
                      arena_copy(&likes->arena, likeness_of(&list->routes[i], &text))) = i;
    name_map_finish(&likes->map);
    text_fini(&text);
}

static void likes_fini(struct likes *likes)
{
    name_map_fini(&likes->map);
    arena_fini(&likes->arena);
}

static bool likes_has(const struct likes *likes, const struct route *route)
{
    struct text text = TEXT_INIT;
    bool has = name_map_find(&likes->map, likeness_of(route, &text)) != NAME_MAP_NONE;
    text_fini(&text);
    return has;
}

/* ---- those that are lost --------------------------------------------------------------------- */

static void add_lost(struct route_keeper *keeper, const struct route *route, uint64_t until_ms)
{
    if (keeper->lost_count == LIMITS_ROUTES_MAX)
        return;
    keeper->lost = memory_resize(keeper->lost, (keeper->lost_count + 1) * sizeof(*keeper->lost));
    struct lost_route *lost = &keeper->lost[keeper->lost_count++];
    lost->arena = (struct arena){0};
    lost->route = route_copy(route, &lost->arena);
    lost->until_ms = until_ms;
}

/* A container may come back. What an operator took out of a file is out. */
static bool may_come_back(const struct route *route)
{
    return !view_eq(route->dialect, VIEW(ROUTE_DIALECT_FILE));
}

/* Those of before that the line does not have. */
static void list_lost(const struct route_keeper *keeper, uint64_t now_ms, struct route_keeper *next)
{
    struct likes likes;
    likes_init(&likes, &next->list);
    for (uint32_t i = 0; i < keeper->lost_count; i++) {
        const struct lost_route *lost = &keeper->lost[i];
        if (lost->until_ms > now_ms && !likes_has(&likes, &lost->route))
            add_lost(next, &lost->route, lost->until_ms);
    }
    for (uint32_t i = 0; i < keeper->list.count; i++)
        if (may_come_back(&keeper->list.routes[i]) && !likes_has(&likes, &keeper->list.routes[i]))
            add_lost(next, &keeper->list.routes[i], now_ms + ROUTE_KEEPER_MS);
    likes_fini(&likes);
}

/* Of the list and what is lost. */
static struct route_table *make_table(const struct route_keeper *keeper,
                                      const struct route_table *before)
{
    uint32_t count = keeper->list.count, lost_count = keeper->lost_count;
    struct route *routes = memory_new((count + lost_count) * sizeof(*routes));
    for (uint32_t i = 0; i < count; i++)
        routes[i] = keeper->list.routes[i];
    for (uint32_t i = 0; i < lost_count; i++)
        routes[count + i] = keeper->lost[i].route;
    struct route_table *table = NULL;
    if (count + lost_count > 0)
        table = route_table_new(routes, count + lost_count, before);
    free(routes);
    return table;
}

bool route_keeper_expire(struct route_keeper *keeper, uint64_t now_ms)
{
    uint32_t kept = 0, count = keeper->lost_count;
    for (uint32_t i = 0; i < count; i++)
        if (keeper->lost[i].until_ms <= now_ms)
            arena_fini(&keeper->lost[i].arena);
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
        if (keeper->lost[i].until_ms < next_ms)
            next_ms = keeper->lost[i].until_ms;
    return next_ms;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool is_same(json_t *a, json_t *b)
{
    return json_array_size(a) == 0 ? json_array_size(b) == 0 : json_equal(a, b);
}

enum route_keeper_news route_keeper_read(const struct route_keeper *keeper, json_t *array,
                                         uint64_t now_ms, struct route_keeper *next,
                                         struct text *problem)
{
    if (is_same(keeper->array, array) && (!array || json_is_array(array)))
        return ROUTE_KEEPER_SAME;
    *next = (struct route_keeper){.array = json_incref(array)};
    if (!route_reader_read(array, &next->list, problem)) {
        route_keeper_fini(next);
        return ROUTE_KEEPER_REFUSED;
    }
    list_lost(keeper, now_ms, next);
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
