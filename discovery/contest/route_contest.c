#include "discovery/contest/route_contest.h"

#include <stdlib.h>

#include "discovery/contest/service_weights.h"
#include "discovery/share_out.h"
#include "lb/base/memory.h"

/* Sentences on one claimant. */
#define TOLD_MAX 4

struct contender {
    struct claimant *claimant;
    struct route route;
    struct view likeness;
    size_t at;      /* in the order of claimants and their words */
    bool is_shared; /* what it wants is in a route of several services */
};

struct contest {
    struct contender *list;
    size_t count;
    struct arena arena; /* for the likenesses */
    struct arena *shares;
    struct service_weights weights;
};

/* ---- who takes part ------------------------------------------------------------------------- */

static size_t count_routes(struct claimant *const *claimants, size_t count)
{
    size_t routes = 0;
    for (size_t i = 0; i < count; i++)
        routes += claimants[i]->offers->route_count;
    return routes;
}

static void weigh(const struct contest *contest, struct route *route)
{
    const struct service_weight *said = service_weights_find(&contest->weights, route->service);
    route->has_weight = said != NULL;
    route->weight = said ? said->weight : 0;
}

static void enter(struct contest *contest, struct claimant *claimant, struct text *likeness)
{
    for (size_t i = 0; i < claimant->offers->route_count; i++) {
        struct contender *contender = &contest->list[contest->count];
        *contender = (struct contender){
            .claimant = claimant, .route = claimant->offers->routes[i], .at = contest->count};
        contender->route.container = view_str(claimant->id);
        contender->route.name = view_str(claimant->name);
        contender->route.created_ns = claimant->created_ns;
        weigh(contest, &contender->route);
        text_clear(likeness);
        route_append_likeness(&contender->route, likeness);
        contender->likeness = arena_copy(&contest->arena, text_view(likeness));
        contest->count++;
    }
}

/* Those that are alike side by side, the best one first. */
static int compare_contenders(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    int order = view_compare(a->likeness, b->likeness);
    if (order != 0)
        return order;
    if (a->claimant->is_running != b->claimant->is_running)
        return a->claimant->is_running ? -1 : 1;
    if (a->route.yields != b->route.yields)
        return a->route.yields ? 1 : -1;
    order = route_compare_priority(&a->route, &b->route);
    if (order != 0)
        return order;
    if (a->route.created_ns != b->route.created_ns)
        return a->route.created_ns < b->route.created_ns ? -1 : 1;
    return a->at < b->at ? -1 : 1;
}

static int compare_places(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

/* ---- who wins ------------------------------------------------------------------------------- */

static void append_part(struct text *out, const char *word, struct view text)
{
    if (text.len > 0)
        text_appendf(out, "%s %.*s", word, (int)text.len, text.ptr);
}

static void append_requests(const struct route *route, struct text *out)
{
    append_part(out, "", route->host.text);
    if (route->host.text.len == 0)
        text_append_str(out, " all hosts");
    append_part(out, "", route->path.text);
}

static const char *why_it_wins(const struct contender *winner, const struct contender *loser)
{
    if (!loser->claimant->is_running)
        return "is running";
    if (loser->route.yields)
        return "can be followed";
    return route_compare_priority(&winner->route, &loser->route) < 0 ? "has a higher priority"
                                                                     : "is older";
}

static void append_wish(const struct route *by, const struct route *of, struct text *text)
{
    if (by->answer_status > 0)
        text_appendf(text, "them answered with %u", by->answer_status);
    else if (view_eq(by->service, of->service))
        text_append_str(text, "the same requests treated otherwise");
    else
        append_part(text, "them for", by->service);
}

static int priority_of(const struct route *route)
{
    return route->is_ranked ? route->rank : route->priority;
}

static void append_dispute(const struct contender *winner, const struct contender *loser,
                           struct text *text)
{
    const struct route *by = &winner->route, *of = &loser->route;
    bool is_same = route_does_the_same(by, of);
    if (is_same)
        text_appendf(text, "its priority %d for", priority_of(of));
    else
        text_append_str(text, "its route for");
    append_requests(of, text);
    append_part(text, ", by", of->label);
    text_appendf(text, ", is overruled: the %s %.*s", winner->claimant->noun, (int)by->name.len,
                 by->name.ptr);
    if (is_same) {
        text_appendf(text, " gives the same route the priority %d", priority_of(by));
        return;
    }
    text_appendf(text, ", which %s, wants ", why_it_wins(winner, loser));
    append_wish(by, of, text);
}

static void tell(const struct contender *winner, struct contender *loser, unsigned *told_count)
{
    struct text text = TEXT_INIT;
    if (++*told_count > TOLD_MAX)
        return;
    append_dispute(winner, loser, &text);
    claimant_add_contested(loser->claimant, "%s", text_str(&text));
    text_fini(&text);
}

/* ---- who shares ----------------------------------------------------------------------------- */

/* How many of those that are alike are as good as the first: they may have it together. */
static size_t count_equals(const struct contender *first, size_t count)
{
    size_t equals = 1;
    while (equals < count && first[equals].claimant->is_running == first->claimant->is_running &&
           !first[equals].route.yields &&
           route_compare_priority(&first->route, &first[equals].route) == 0)
        equals++;
    return equals;
}

/* Whose treatment all of them get: the oldest one's that keeps somebody out, else the oldest one's. */
static size_t find_base(const struct contender *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].route.answer_status == 0 && share_out_is_protected(&list[i].route))
            return i;
    return 0;
}

/* One that lets others in than the base does gets nobody by it. */
static bool takes_part(const struct contender *base, const struct contender *contender)
{
    return contender->route.answer_status == 0 &&
           share_out_may_stand_for(&base->route, &contender->route);
}

static void tell_treatment(const struct contender *base, struct contender *contender)
{
    struct route same = base->route;
    struct text requests = TEXT_INIT;
    struct claimant *claimant = contender->claimant;
    same.service = contender->route.service;
    if (claimant == base->claimant || route_does_the_same(&same, &contender->route))
        return;
    append_requests(&contender->route, &requests);
    claimant_add_contested(claimant,
                           "requests for%s are shared with the service %.*s, and treated as the "
                           "%s %.*s wants it",
                           text_str(&requests), (int)base->route.service.len,
                           base->route.service.ptr, base->claimant->noun, (int)base->route.name.len,
                           base->route.name.ptr);
    text_fini(&requests);
}

/* Puts the one first that stands for all. */
static void swap(struct contender *list, size_t base)
{
    struct contender first = list[0];
    list[0] = list[base];
    list[base] = first;
}

/* Where several services want the same requests, and one says how many, they share one route. */
static void share(struct contest *contest, struct contender *list, size_t count)
{
    size_t equals = count_equals(list, count), base = find_base(list, equals);
    struct share_out out = {0};
    if (list[0].route.answer_status > 0 || list[0].route.yields)
        return;
    for (size_t i = 0; i < equals; i++)
        if (takes_part(&list[base], &list[i]))
            share_out_add(&out, &list[i].route);
    if (!share_out_is_one(&out))
        return;
    for (size_t i = 0; i < equals; i++) {
        list[i].is_shared = i != base && takes_part(&list[base], &list[i]);
        if (list[i].is_shared)
            tell_treatment(&list[base], &list[i]);
    }
    struct route_share *shares = arena_new(contest->shares, out.count * sizeof(*shares));
    share_out_settle(&out, shares);
    list[base].route.shares = shares;
    list[base].route.share_count = out.count;
    swap(list, base);
}

/* ---- who does not get it -------------------------------------------------------------------- */

/* Of routes that are alike. A claimant contests nothing with itself. */
static void judge(struct contender *first, size_t count)
{
    unsigned told_count = 0;
    for (size_t i = 1; i < count; i++)
        if (!first[i].is_shared && first[i].claimant != first->claimant &&
            first[i].claimant->is_running &&
            (!route_does_the_same(&first[i].route, &first->route) ||
             priority_of(&first[i].route) != priority_of(&first->route)))
            tell(first, &first[i], &told_count);
}

/* Down, while another one is up; or it yields to that. */
static bool is_out(const struct contender *first, const struct contender *contender)
{
    if (contender->is_shared)
        return true;
    bool is_lesser =
        !contender->claimant->is_running || (contender->route.yields && !first->route.yields);
    return first->claimant->is_running && is_lesser;
}

void route_contest_settle(struct claimant *const *claimants, size_t count, struct arena *shares,
                          struct set *set)
{
    struct text likeness = TEXT_INIT;
    struct contest contest = {0};
    size_t capacity = count_routes(claimants, count);
    contest.list = memory_new((capacity + 1) * sizeof(contest.list[0]));
    for (size_t i = 0; i < count; i++)
        claimant_clear(claimants[i]);
    arena_fini(shares);
    contest.shares = shares;
    service_weights_init(&contest.weights, claimants, count);
    for (size_t i = 0; i < count; i++)
        if (!claimants[i]->is_hidden)
            enter(&contest, claimants[i], &likeness);
    service_weights_fini(&contest.weights);
    if (contest.count > 0)
        qsort(contest.list, contest.count, sizeof(contest.list[0]), compare_contenders);
    size_t kept = 0;
    for (size_t i = 0, end; i < contest.count; i = end) {
        for (end = i + 1;
             end < contest.count && view_eq(contest.list[end].likeness, contest.list[i].likeness);)
            end++;
        share(&contest, &contest.list[i], end - i);
        struct contender first = contest.list[i];
        judge(&contest.list[i], end - i);
        for (size_t k = i; k < end; k++)
            if (!is_out(&first, &contest.list[k]))
                contest.list[kept++] = contest.list[k];
    }
    if (kept > 0)
        qsort(contest.list, kept, sizeof(contest.list[0]), compare_places);
    for (size_t i = 0; i < kept; i++)
        set_add_route(set, &contest.list[i].route);
    free(contest.list);
    arena_fini(&contest.arena);
    text_fini(&likeness);
}
