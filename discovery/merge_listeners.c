#include "discovery/merge_listeners.h"

#include <stdlib.h>

#include "discovery/listener_order.h"
#include "lb/base/memory.h"

#define TOLD_MAX 4u

struct contender {
    const struct listener_rule *rule;
    size_t part;
};

static int compare(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    int order = listener_order_compare(a->rule, b->rule);
    if (order == 0)
        order = (a->part > b->part) - (a->part < b->part);
    return order != 0 ? order : listener_order_compare_all(a->rule, b->rule);
}

static void tell(const struct merge_part *parts, const struct contender *winner,
                 const struct contender *loser, struct text *disputed)
{
    text_append_str(disputed, disputed->len > 0 ? "; the listener " : "the listener ");
    listener_order_append_name(loser->rule, disputed);
    text_appendf(disputed, ", of the source %s for %.*s, is overruled by that of the source %s",
                 parts[loser->part].word, (int)loser->rule->service.len, loser->rule->service.ptr,
                 parts[winner->part].word);
}

void merge_listeners_take(const struct merge_part *parts, size_t count, struct set *set,
                          struct text *disputed)
{
    size_t total = 0, told_count = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i].set->listener_count;
    struct contender *list = memory_new((total + 1) * sizeof(list[0]));
    const struct contender *first = list;
    for (size_t i = 0, at = 0; i < count; i++)
        for (size_t k = 0; k < parts[i].set->listener_count; k++)
            list[at++] = (struct contender){&parts[i].set->listeners[k], i};
    if (total > 0)
        qsort(list, total, sizeof(list[0]), compare);
    for (size_t i = 0; i < total; i++) {
        if (listener_order_compare(first->rule, list[i].rule) != 0)
            first = &list[i];
        bool is_overruled =
            list[i].part != first->part && !view_eq(list[i].rule->service, first->rule->service);
        if (!is_overruled)
            set_add_listener(set, list[i].rule);
        else if (told_count++ < TOLD_MAX)
            tell(parts, first, &list[i], disputed);
    }
    if (told_count > TOLD_MAX)
        text_appendf(disputed, "; and so on, %zu more", told_count - TOLD_MAX);
    free(list);
}
