#include "discovery/contest/service_contest.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

/* One option, as one claimant asks for it. */
struct contender {
    struct claimant *claimant;
    const char *service;
    enum service_option_kind kind;
    struct view value;
    size_t at; /* in the order of claimants */
};

/* ---- who takes part ------------------------------------------------------------------------- */

static bool takes_part(const struct claimant *claimant)
{
    const struct offers *offers = claimant->offers;
    return !claimant->is_hidden && !offers->disabled_by && offers->fault == LEFT_OUT_REASON_COUNT;
}

static size_t count_options(struct claimant *const *claimants, size_t count)
{
    size_t options = 0;
    for (size_t i = 0; i < count; i++)
        options += claimants[i]->offers->wish_count * SERVICE_OPTION_COUNT;
    return options;
}

/* Gives how many there are now. */
static size_t enter(struct contender *list, size_t count, struct claimant *claimant)
{
    const struct offers *offers = claimant->offers;
    for (size_t i = 0; i < offers->wish_count; i++)
        for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
            struct view value = offers->wishes[i].options.values[kind];
            if (value.len == 0)
                continue;
            list[count] = (struct contender){.claimant = claimant,
                                             .service = offers->wishes[i].service,
                                             .kind = (enum service_option_kind)kind,
                                             .value = value,
                                             .at = count};
            count++;
        }
    return count;
}

/* Those of one option side by side, the best one first. */
static int compare(const void *left, const void *right)
{
    const struct contender *a = left, *b = right;
    int order = strcmp(a->service, b->service);
    if (order == 0)
        order = (a->kind > b->kind) - (a->kind < b->kind);
    if (order == 0)
        order = claimant_compare(a->claimant, b->claimant);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

/* ---- who wins ------------------------------------------------------------------------------- */

static void tell(const struct contender *winner, const struct contender *loser)
{
    claimant_add_contested(loser->claimant,
                           "its %s for the service %s is overruled: the %s %s, which is "
                           "older, wants \"%.*s\"",
                           service_option_word(loser->kind), loser->service, winner->claimant->noun,
                           winner->claimant->name, (int)winner->value.len, winner->value.ptr);
}

static void judge(const struct contender *first, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (first[i].claimant->is_running && !view_eq(first[i].value, first->value))
            tell(first, &first[i]);
}

static bool is_same_option(const struct contender *a, const struct contender *b)
{
    return a->kind == b->kind && strcmp(a->service, b->service) == 0;
}

static void settle(const struct contender *list, size_t count, struct set *set)
{
    struct set_service service = {.name = NULL};
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && is_same_option(&list[end], &list[i]);)
            end++;
        judge(&list[i], end - i);
        if (service.name && strcmp(service.name, list[i].service) != 0)
            set_add_service(set, &service);
        if (!service.name || strcmp(service.name, list[i].service) != 0)
            service = (struct set_service){.name = list[i].service};
        service.options.values[list[i].kind] = list[i].value;
    }
    if (service.name)
        set_add_service(set, &service);
}

void service_contest_settle(struct claimant *const *claimants, size_t count, struct set *set)
{
    struct contender *list = memory_new((count_options(claimants, count) + 1) * sizeof(list[0]));
    size_t entered = 0;
    for (size_t i = 0; i < count; i++)
        if (takes_part(claimants[i]))
            entered = enter(list, entered, claimants[i]);
    if (entered > 0)
        qsort(list, entered, sizeof(list[0]), compare);
    settle(list, entered, set);
    free(list);
}
