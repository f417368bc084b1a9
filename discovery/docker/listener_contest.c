#include "discovery/docker/listener_contest.h"

#include <stdlib.h>

#include "discovery/listener_order.h"
#include "lb/base/memory.h"

struct contender {
    struct member *member;
    struct listener_rule rule;
};

/* ---- who takes part --------------------------------------------------------------------------- */

static bool takes_part(const struct member *member)
{
    return !member->is_hidden && member->container->offers.fault == LEFT_OUT_REASON_COUNT;
}

static size_t count_rules(const struct roster *roster)
{
    size_t count = 0;
    for (size_t i = 0; i < roster->count; i++)
        count += roster->members[i]->container->offers.listener_count;
    return count;
}

/* Gives how many there are now. */
static size_t enter(struct contender *list, size_t count, struct member *member)
{
    const struct container *container = member->container;
    for (size_t i = 0; i < container->offers.listener_count; i++) {
        struct listener_rule *rule = &list[count].rule;
        list[count].member = member;
        *rule = container->offers.listeners[i];
        rule->container = view_str(container->id.text);
        rule->container_name = view_str(container->name);
        rule->created_ns = container->created_ns;
        count += container->running || rule->server_name.len > 0 || rule->alpn.len > 0;
    }
    return count;
}

/* Those that are alike side by side, the best one first. */
static int compare(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    int order = listener_order_compare(&a->rule, &b->rule);
    if (order == 0)
        order = member_compare(a->member, b->member);
    return order != 0 ? order : listener_order_compare_all(&a->rule, &b->rule);
}

/* ---- who wins --------------------------------------------------------------------------------- */

static void tell(const struct contender *winner, const struct contender *loser)
{
    const struct listener_rule *by = &winner->rule, *of = &loser->rule;
    struct text name = TEXT_INIT;
    listener_order_append_name(of, &name);
    if (winner->member == loser->member)
        member_add_contested(loser->member,
                             "its listener %s, by %.*s, is already that of its service %.*s",
                             text_str(&name), (int)of->label.len, of->label.ptr,
                             (int)by->service.len, by->service.ptr);
    else
        member_add_contested(loser->member,
                             "its listener %s, by %.*s, is overruled: the container %.*s, which is "
                             "older, wants it for %.*s",
                             text_str(&name), (int)of->label.len, of->label.ptr,
                             (int)by->container_name.len, by->container_name.ptr,
                             (int)by->service.len, by->service.ptr);
    text_fini(&name);
}

static void settle(const struct contender *list, size_t count, struct set *set)
{
    for (size_t i = 0; i < count; i++) {
        bool is_running = list[i].member->container->running;
        if (!is_running && list[0].member->container->running)
            continue;
        if (is_running && !view_eq(list[i].rule.service, list[0].rule.service))
            tell(&list[0], &list[i]);
        set_add_listener(set, &list[i].rule);
    }
}

void listener_contest_settle(struct roster *roster, struct set *set)
{
    struct contender *list = memory_new((count_rules(roster) + 1) * sizeof(list[0]));
    size_t count = 0;
    for (size_t i = 0; i < roster->count; i++)
        if (takes_part(roster->members[i]))
            count = enter(list, count, roster->members[i]);
    if (count > 0)
        qsort(list, count, sizeof(list[0]), compare);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1;
             end < count && listener_order_compare(&list[end].rule, &list[i].rule) == 0;)
            end++;
        settle(&list[i], end - i, set);
    }
    free(list);
}
