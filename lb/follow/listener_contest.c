#include "lb/follow/listener_contest.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/route/listener_table.h"

static struct view in_lower_case(struct arena *arena, struct view name)
{
    if (name.len == 0)
        return name;
    struct view lower = arena_copy(arena, name);
    for (size_t i = 0; i < lower.len; i++)
        ((char *)(uintptr_t)lower.ptr)[i] = view_lower_char(lower.ptr[i]);
    return lower;
}

bool listener_contest_add(struct listener_contest *contest,
                          const struct listener_contender *contender)
{
    if (contest->count == LISTENER_RULES_MAX)
        return false;
    if (contest->count == contest->room) {
        contest->room = 2 * contest->room + 16;
        contest->contenders =
            memory_resize(contest->contenders, contest->room * sizeof(*contest->contenders));
    }
    struct listener_contender *own = &contest->contenders[contest->count++];
    *own = *contender;
    own->rule.server_name = in_lower_case(&contest->arena, contender->rule.server_name);
    return true;
}

static int compare_names(const struct listener_rule *a, const struct listener_rule *b)
{
    const struct view one[] = {a->container, a->label, a->service};
    const struct view other[] = {b->container, b->label, b->service};
    int order = 0;
    for (size_t i = 0; order == 0 && i < sizeof(one) / sizeof(one[0]); i++)
        order = view_compare(one[i], other[i]);
    return order;
}

static int compare(const void *left, const void *right)
{
    const struct listener_contender *a = left, *b = right;
    int order = listener_table_compare(&a->rule, &b->rule);
    if (order == 0)
        order = (int)b->is_operators - (int)a->is_operators;
    if (order == 0)
        order =
            (a->rule.created_ns > b->rule.created_ns) - (a->rule.created_ns < b->rule.created_ns);
    return order ? order : compare_names(&a->rule, &b->rule);
}

unsigned listener_contest_judge(struct listener_contest *contest,
                                void (*refuse)(void *owner, const struct listener_contender *loser,
                                               const struct listener_contender *winner),
                                void *owner)
{
    struct listener_contender *contenders = contest->contenders;
    unsigned kept = 0;
    if (contest->count > 1)
        qsort(contenders, contest->count, sizeof(*contenders), compare);
    for (unsigned i = 0; i < contest->count; i++) {
        const struct listener_contender *winner = kept > 0 ? &contenders[kept - 1] : NULL;
        if (!winner || listener_table_compare(&winner->rule, &contenders[i].rule) != 0)
            contenders[kept++] = contenders[i];
        else if (!view_eq(winner->rule.service, contenders[i].rule.service))
            refuse(owner, &contenders[i], winner);
    }
    return kept;
}

void listener_contest_fini(struct listener_contest *contest)
{
    free(contest->contenders);
    arena_fini(&contest->arena);
    *contest = (struct listener_contest){0};
}
