#include "discovery/docker/contest.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/memory.h"

/* Sentences on one container. */
#define TOLD_MAX 4

struct contender {
    struct member *member;
    struct route route;
    struct view likeness;
    size_t at; /* in the order of containers and their words */
};

struct contest {
    struct contender *list;
    size_t count;
    struct arena arena; /* for the likenesses */
};

/* ---- who takes part ------------------------------------------------------------------------- */

static size_t count_routes(const struct roster *roster)
{
    size_t count = 0;
    for (size_t i = 0; i < roster->count; i++)
        count += roster->members[i]->container->offers.route_count;
    return count;
}

static void enter(struct contest *contest, struct member *member, struct text *likeness)
{
    const struct container *container = member->container;
    for (size_t i = 0; i < container->offers.route_count; i++) {
        struct contender *contender = &contest->list[contest->count];
        *contender = (struct contender){
            .member = member, .route = container->offers.routes[i], .at = contest->count};
        contender->route.container = view_str(container->id.text);
        contender->route.name = view_str(container->name);
        contender->route.created_ns = container->created_ns;
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
    if (a->member->container->running != b->member->container->running)
        return a->member->container->running ? -1 : 1;
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
    if (!loser->member->container->running)
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
    text_appendf(text, ", is overruled: the container %.*s", (int)by->name.len, by->name.ptr);
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
    struct member *member = loser->member;
    if (++*told_count > TOLD_MAX)
        return;
    if (member->contested)
        text_appendf(&text, "%s; ", member->contested);
    append_dispute(winner, loser, &text);
    free(member->contested);
    member->contested = clean_copy(text_view(&text), LIMITS_OBSTACLE_BYTES_MAX);
    text_fini(&text);
}

/* Of routes that are alike. A container contests nothing with itself. */
static void judge(struct contender *first, size_t count)
{
    unsigned told_count = 0;
    for (size_t i = 1; i < count; i++)
        if (first[i].member != first->member && first[i].member->container->running &&
            (!route_does_the_same(&first[i].route, &first->route) ||
             priority_of(&first[i].route) != priority_of(&first->route)))
            tell(first, &first[i], &told_count);
}

/* Down, while another one is up; or it yields to that. */
static bool is_out(const struct contender *first, const struct contender *contender)
{
    bool is_lesser =
        !contender->member->container->running || (contender->route.yields && !first->route.yields);
    return first->member->container->running && is_lesser;
}

void contest_settle(struct roster *roster, struct set *set)
{
    struct text likeness = TEXT_INIT;
    struct contest contest = {0};
    size_t capacity = count_routes(roster);
    contest.list = memory_new((capacity + 1) * sizeof(contest.list[0]));
    for (size_t i = 0; i < roster->count; i++) {
        struct member *member = roster->members[i];
        free(member->contested);
        member->contested = NULL;
        if (!member->is_hidden)
            enter(&contest, member, &likeness);
    }
    if (contest.count > 0)
        qsort(contest.list, contest.count, sizeof(contest.list[0]), compare_contenders);
    size_t kept = 0;
    for (size_t i = 0, end; i < contest.count; i = end) {
        struct contender first = contest.list[i];
        for (end = i + 1;
             end < contest.count && view_eq(contest.list[end].likeness, first.likeness);)
            end++;
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
