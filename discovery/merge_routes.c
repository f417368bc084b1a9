#include "discovery/merge_routes.h"

#include <stdlib.h>

#include "lb/base/memory.h"

#define TOLD_MAX 6 /* sentences; the others are counted */

struct contender {
    const struct route *route;
    size_t part;
    size_t at;
    struct view likeness;
};

/* Those that are alike side by side, the one that wins first. */
static int compare_contenders(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    int order = view_compare(a->likeness, b->likeness);
    if (order == 0)
        order = route_compare_priority(a->route, b->route);
    if (order == 0)
        order = (a->part > b->part) - (a->part < b->part);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static void list(const struct merge_part *parts, size_t count, struct contender *out,
                 struct arena *arena)
{
    struct text likeness = TEXT_INIT;
    size_t listed = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < parts[i].set->route_count; k++) {
            const struct route *route = &parts[i].set->routes[k];
            text_clear(&likeness);
            route_append_likeness(route, &likeness);
            out[listed] = (struct contender){.route = route,
                                             .part = i,
                                             .at = listed,
                                             .likeness = arena_copy(arena, text_view(&likeness))};
            listed++;
        }
    text_fini(&likeness);
}

/* "of the source docker, by lb.host of shop" */
static void append_origin(const struct merge_part *part, const struct route *route,
                          struct text *out)
{
    text_appendf(out, "of the source %s, by ", part->word);
    text_append(out, route->label.len > 0 ? route->label : VIEW("what is set"));
    if (route->name.len > 0) {
        text_append_str(out, " of ");
        text_append(out, route->name);
    }
}

static void tell(const struct merge_part *parts, const struct contender *winner,
                 const struct contender *loser, struct text *disputed)
{
    bool is_by_priority = route_compare_priority(winner->route, loser->route) < 0;
    text_append_str(disputed, disputed->len > 0 ? "; the route for " : "the route for ");
    route_append_name(loser->route, disputed);
    text_append_str(disputed, ", ");
    append_origin(&parts[loser->part], loser->route, disputed);
    text_append_str(disputed, ", is overruled by that ");
    append_origin(&parts[winner->part], winner->route, disputed);
    text_append_str(disputed, is_by_priority ? ", which has a higher priority"
                                             : ", as that source comes first");
}

static void judge(const struct merge_part *parts, const struct contender *list, size_t count,
                  struct text *disputed)
{
    size_t told = 0;
    const struct contender *first = list;
    for (size_t i = 1; i < count; i++) {
        if (!view_eq(list[i].likeness, first->likeness)) {
            first = &list[i];
            continue;
        }
        if (list[i].part != first->part && !route_does_the_same(list[i].route, first->route) &&
            told++ < TOLD_MAX)
            tell(parts, first, &list[i], disputed);
    }
    if (told > TOLD_MAX)
        text_appendf(disputed, "; and so on, %zu more", told - TOLD_MAX);
}

void merge_routes_take(const struct merge_part *parts, size_t count, struct set *set,
                       struct text *disputed)
{
    size_t route_count = 0, part_count = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < parts[i].set->route_count; k++)
            set_add_route(set, &parts[i].set->routes[k]);
        route_count += parts[i].set->route_count;
        part_count += parts[i].set->route_count > 0;
    }
    if (part_count < 2)
        return;
    struct arena arena = {0};
    struct contender *contenders = memory_new(route_count * sizeof(contenders[0]));
    list(parts, count, contenders, &arena);
    qsort(contenders, route_count, sizeof(contenders[0]), compare_contenders);
    judge(parts, contenders, route_count, disputed);
    free(contenders);
    arena_fini(&arena);
}
