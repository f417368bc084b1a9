#include "discovery/file/file_contest.h"

#include <stdlib.h>

#include "lb/base/memory.h"

struct contender {
    const struct route *route;
    struct view likeness;
    size_t at;     /* among the routes of the file */
    size_t winner; /* the same, of the best one of those that are alike */
};

/* ---- who wins ------------------------------------------------------------------------------- */

/* Those that are alike side by side, the best one first. */
static int compare_contenders(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    int order = view_compare(a->likeness, b->likeness);
    if (order == 0)
        order = route_compare_priority(a->route, b->route);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static int compare_places(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

static void list(const struct file_routes *routes, struct contender *out, struct arena *arena)
{
    struct text likeness = TEXT_INIT;
    for (size_t i = 0; i < routes->count; i++) {
        text_clear(&likeness);
        route_append_likeness(&routes->items[i], &likeness);
        out[i] = (struct contender){.route = &routes->items[i],
                                    .likeness = arena_copy(arena, text_view(&likeness)),
                                    .at = i};
    }
    text_fini(&likeness);
}

/* Leaves them in the order of the file. */
static void judge(struct contender *contenders, size_t count)
{
    qsort(contenders, count, sizeof(contenders[0]), compare_contenders);
    for (size_t i = 0; i < count; i++) {
        bool is_alike = i > 0 && view_eq(contenders[i].likeness, contenders[i - 1].likeness);
        contenders[i].winner = is_alike ? contenders[i - 1].winner : contenders[i].at;
    }
    qsort(contenders, count, sizeof(contenders[0]), compare_places);
}

/* ---- what is told --------------------------------------------------------------------------- */

static void tell(const struct file_place *place, const struct file_routes *routes,
                 const struct contender *loser)
{
    const struct route *winner = &routes->items[loser->winner];
    struct file_place at = file_place_in_item(place, routes->entries[loser->at]);
    bool is_by_priority = route_compare_priority(winner, loser->route) < 0;
    struct text name = TEXT_INIT;
    route_append_name(loser->route, &name);
    file_place_remark(&at,
                      "it is overruled for %s: %.*s, which %s, does something else with the same "
                      "requests; change one of the two",
                      text_str(&name), (int)winner->label.len, winner->label.ptr,
                      is_by_priority ? "has a higher priority" : "stands before it");
    text_fini(&name);
}

static bool is_overruled(const struct file_routes *routes, const struct contender *contender)
{
    return contender->winner != contender->at &&
           routes->entries[contender->winner] != routes->entries[contender->at] &&
           !route_does_the_same(contender->route, &routes->items[contender->winner]);
}

void file_contest_tell(const struct file_place *place, const struct file_routes *routes)
{
    struct arena arena = {0};
    size_t last_told = SIZE_MAX;
    if (routes->count < 2)
        return;
    struct contender *contenders = memory_new(routes->count * sizeof(contenders[0]));
    list(routes, contenders, &arena);
    judge(contenders, routes->count);
    for (size_t i = 0; i < routes->count; i++) {
        if (routes->entries[i] == last_told || !is_overruled(routes, &contenders[i]))
            continue;
        last_told = routes->entries[i];
        tell(place, routes, &contenders[i]);
    }
    free(contenders);
    arena_fini(&arena);
}
