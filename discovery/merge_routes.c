#include "discovery/merge_routes.h"

#include <stdlib.h>

#include "discovery/share_out.h"
#include "lb/base/memory.h"

#define TOLD_MAX 6 /* sentences; the others are counted */

struct contender {
    const struct route *route;
    size_t part;
    size_t at;
    struct view likeness;
    bool is_shared; /* what it wants is in a route of several services */
};

struct contest {
    const struct merge_part *parts;
    struct contender *list;
    size_t count;
    struct arena *kept; /* for what the set borrows */
    struct text *disputed;
    size_t told_count;
};

/* ---- who takes part -------------------------------------------------------------------------- */

/* Those that are alike side by side, the one that wins first. */
static int compare_contenders(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    int order = view_compare(a->likeness, b->likeness);
    if (order == 0)
        order = route_compare_priority(a->route, b->route);
    if (order == 0)
        order = (a->part > b->part) - (a->part < b->part);
    if (order == 0)
        order = (a->route->created_ns > b->route->created_ns) -
                (a->route->created_ns < b->route->created_ns);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static int compare_places(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

static void list(struct contest *contest, size_t part_count, struct arena *arena)
{
    struct text likeness = TEXT_INIT;
    for (size_t i = 0; i < part_count; i++)
        for (size_t k = 0; k < contest->parts[i].set->route_count; k++) {
            const struct route *route = &contest->parts[i].set->routes[k];
            text_clear(&likeness);
            route_append_likeness(route, &likeness);
            contest->list[contest->count] =
                (struct contender){.route = route,
                                   .part = i,
                                   .at = contest->count,
                                   .likeness = arena_copy(arena, text_view(&likeness))};
            contest->count++;
        }
    text_fini(&likeness);
}

/* ---- what is told ---------------------------------------------------------------------------- */

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

static void begin_sentence(struct contest *contest, const struct contender *of)
{
    text_append_str(contest->disputed,
                    contest->disputed->len > 0 ? "; the route for " : "the route for ");
    route_append_name(of->route, contest->disputed);
    text_append_str(contest->disputed, ", ");
    append_origin(&contest->parts[of->part], of->route, contest->disputed);
}

static bool may_tell(struct contest *contest)
{
    return contest->told_count++ < TOLD_MAX;
}

static void tell_loser(struct contest *contest, const struct contender *winner,
                       const struct contender *loser)
{
    bool is_by_priority = route_compare_priority(winner->route, loser->route) < 0;
    if (!may_tell(contest))
        return;
    begin_sentence(contest, loser);
    text_append_str(contest->disputed, ", is overruled by that ");
    append_origin(&contest->parts[winner->part], winner->route, contest->disputed);
    text_append_str(contest->disputed, is_by_priority ? ", which has a higher priority"
                                                      : ", as that source comes first");
}

/* One that shares, and wants something else done to its requests than is done to all. */
static void tell_treatment(struct contest *contest, const struct contender *base,
                           const struct contender *of)
{
    struct route same = *base->route;
    same.service = of->route->service;
    same.shares = of->route->shares;
    same.share_count = of->route->share_count;
    if (route_does_the_same(&same, of->route) || !may_tell(contest))
        return;
    begin_sentence(contest, of);
    text_append_str(contest->disputed, ", shares its requests, which are treated as that ");
    append_origin(&contest->parts[base->part], base->route, contest->disputed);
    text_append_str(contest->disputed, " says");
}

/* ---- who shares ------------------------------------------------------------------------------ */

/* Others are let in by a source that says a share for its only service; where it lists several, or none,
 * all requests are theirs. So no label takes what a file has given away. */
static bool invites(const struct contender *first)
{
    const struct route *route = first->route;
    return route->answer_status == 0 && (route->share_count == 1 || route->has_weight);
}

/* The best one of each source, if it is as good as the first; the others have lost among their own. */
static bool takes_part(const struct contender *list, size_t i)
{
    return (i == 0 || list[i].part != list[i - 1].part) && list[i].route->answer_status == 0 &&
           !list[i].route->yields && route_compare_priority(list[0].route, list[i].route) == 0;
}

/* Whose treatment all of them get: the first one that keeps somebody out, else the first. */
static size_t find_base(const struct contender *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (takes_part(list, i) && share_out_is_protected(list[i].route))
            return i;
    return 0;
}

static const struct route *settle(struct contest *contest, const struct share_out *out,
                                  const struct route *base, uint64_t created_ns)
{
    struct route_share *shares = arena_new(contest->kept, out->count * sizeof(*shares));
    struct route *route = arena_new(contest->kept, sizeof(*route));
    share_out_settle(out, shares);
    *route = *base;
    route->shares = shares;
    route->share_count = out->count;
    route->created_ns = created_ns; /* so that it stands before all that have lost */
    return route;
}

/* Marks those that share, and takes down what they want. */
static void gather(struct contender *list, size_t count, const struct route *base,
                   struct share_out *out)
{
    for (size_t i = 0; i < count; i++) {
        list[i].is_shared = takes_part(list, i) && share_out_may_stand_for(base, list[i].route);
        if (list[i].is_shared)
            share_out_add(out, list[i].route);
    }
}

/* Of alike routes of several sources, of which the first one invites the others. NULL: each remains what
 * it is. */
static const struct route *share(struct contest *contest, struct contender *list, size_t count)
{
    const struct contender *base = &list[find_base(list, count)];
    struct share_out out = {0};
    gather(list, count, base->route, &out);
    bool is_one = list[0].is_shared && share_out_is_one(&out);
    for (size_t i = 0; i < count; i++) {
        list[i].is_shared &= is_one;
        if (list[i].is_shared && &list[i] != base)
            tell_treatment(contest, base, &list[i]);
    }
    return is_one ? settle(contest, &out, base->route, list[0].route->created_ns) : NULL;
}

/* ---- who does not get it --------------------------------------------------------------------- */

static void judge(struct contest *contest, const struct contender *list, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (!list[i].is_shared && list[i].part != list[0].part &&
            !route_does_the_same(list[i].route, list[0].route))
            tell_loser(contest, &list[0], &list[i]);
}

static void settle_all(struct contest *contest)
{
    struct contender *list = contest->list;
    qsort(list, contest->count, sizeof(list[0]), compare_contenders);
    for (size_t i = 0, end; i < contest->count; i = end) {
        for (end = i + 1; end < contest->count && view_eq(list[end].likeness, list[i].likeness);)
            end++;
        bool is_invitation = invites(&list[i]) && end - i > 1;
        const struct route *shared = is_invitation ? share(contest, &list[i], end - i) : NULL;
        judge(contest, &list[i], end - i);
        list[i].is_shared = false; /* in the place of the first one */
        list[i].route = shared ? shared : list[i].route;
    }
    if (contest->told_count > TOLD_MAX)
        text_appendf(contest->disputed, "; and so on, %zu more", contest->told_count - TOLD_MAX);
    qsort(list, contest->count, sizeof(list[0]), compare_places);
}

void merge_routes_take(const struct merge_part *parts, size_t count, struct set *set,
                       struct arena *kept, struct text *disputed)
{
    struct contest contest = {.parts = parts, .kept = kept, .disputed = disputed};
    size_t route_count = 0;
    struct arena likenesses = {0};
    for (size_t i = 0; i < count; i++)
        route_count += parts[i].set->route_count;
    if (route_count == 0)
        return;
    contest.list = memory_new(route_count * sizeof(contest.list[0]));
    list(&contest, count, &likenesses);
    settle_all(&contest);
    for (size_t i = 0; i < route_count; i++)
        if (!contest.list[i].is_shared)
            set_add_route(set, contest.list[i].route);
    free(contest.list);
    arena_fini(&likenesses);
}
