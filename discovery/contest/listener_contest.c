#include "discovery/contest/listener_contest.h"

#include <stdlib.h>

#include "discovery/listener_order.h"
#include "lb/base/memory.h"

struct contender {
    struct claimant *claimant;
    struct listener_rule rule;
};

/* ---- who takes part --------------------------------------------------------------------------- */

static bool takes_part(const struct claimant *claimant)
{
    return !claimant->is_hidden && claimant->offers->fault == LEFT_OUT_REASON_COUNT;
}

static size_t count_rules(struct claimant *const *claimants, size_t count)
{
    size_t rules = 0;
    for (size_t i = 0; i < count; i++)
        rules += claimants[i]->offers->listener_count;
    return rules;
}

/* Gives how many there are now. */
static size_t enter(struct contender *list, size_t count, struct claimant *claimant)
{
    for (size_t i = 0; i < claimant->offers->listener_count; i++) {
        struct listener_rule *rule = &list[count].rule;
        list[count].claimant = claimant;
        *rule = claimant->offers->listeners[i];
        rule->container = view_str(claimant->id);
        rule->container_name = view_str(claimant->name);
        rule->created_ns = claimant->created_ns;
        count += claimant->is_running || rule->server_name.len > 0 || rule->alpn.len > 0;
    }
    return count;
}

/* Those that are alike side by side, the best one first. */
static int compare(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    int order = listener_order_compare(&a->rule, &b->rule);
    if (order == 0)
        order = claimant_compare(a->claimant, b->claimant);
    return order != 0 ? order : listener_order_compare_all(&a->rule, &b->rule);
}

/* ---- who wins --------------------------------------------------------------------------------- */

static void tell(const struct contender *winner, const struct contender *loser)
{
    const struct listener_rule *by = &winner->rule, *of = &loser->rule;
    struct text name = TEXT_INIT;
    listener_order_append_name(of, &name);
    if (winner->claimant == loser->claimant)
        claimant_add_contested(loser->claimant,
                               "its listener %s, by %.*s, is already that of its service %.*s",
                               text_str(&name), (int)of->label.len, of->label.ptr,
                               (int)by->service.len, by->service.ptr);
    else
        claimant_add_contested(loser->claimant,
                               "its listener %s, by %.*s, is overruled: the %s %.*s, which is "
                               "older, wants it for %.*s",
                               text_str(&name), (int)of->label.len, of->label.ptr,
                               winner->claimant->noun, (int)by->container_name.len,
                               by->container_name.ptr, (int)by->service.len, by->service.ptr);
    text_fini(&name);
}

static void settle(const struct contender *list, size_t count, struct set *set)
{
    for (size_t i = 0; i < count; i++) {
        bool is_running = list[i].claimant->is_running;
        if (!is_running && list[0].claimant->is_running)
            continue;
        if (is_running && !view_eq(list[i].rule.service, list[0].rule.service))
            tell(&list[0], &list[i]);
        set_add_listener(set, &list[i].rule);
    }
}

void listener_contest_settle(struct claimant *const *claimants, size_t count, struct set *set)
{
    struct contender *list = memory_new((count_rules(claimants, count) + 1) * sizeof(list[0]));
    size_t entered = 0;
    for (size_t i = 0; i < count; i++)
        if (takes_part(claimants[i]))
            entered = enter(list, entered, claimants[i]);
    if (entered > 0)
        qsort(list, entered, sizeof(list[0]), compare);
    for (size_t i = 0, end; i < entered; i = end) {
        for (end = i + 1;
             end < entered && listener_order_compare(&list[end].rule, &list[i].rule) == 0;)
            end++;
        settle(&list[i], end - i, set);
    }
    free(list);
}
