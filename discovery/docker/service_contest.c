#include "discovery/docker/service_contest.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

/* One option, as one container asks for it. */
struct contender {
    struct member *member;
    const char *service;
    enum service_option_kind kind;
    struct view value;
    size_t at; /* in the order of containers */
};

/* ---- who takes part ------------------------------------------------------------------------- */

static bool takes_part(const struct member *member)
{
    const struct offers *offers = &member->container->offers;
    return !member->is_hidden && !offers->disabled_by && offers->fault == LEFT_OUT_REASON_COUNT;
}

static size_t count_options(const struct roster *roster)
{
    size_t count = 0;
    for (size_t i = 0; i < roster->count; i++)
        count += roster->members[i]->container->offers.wish_count * SERVICE_OPTION_COUNT;
    return count;
}

/* Gives how many there are now. */
static size_t enter(struct contender *list, size_t count, struct member *member)
{
    const struct offers *offers = &member->container->offers;
    for (size_t i = 0; i < offers->wish_count; i++)
        for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
            struct view value = offers->wishes[i].options.values[kind];
            if (value.len == 0)
                continue;
            list[count] = (struct contender){.member = member,
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
        order = member_compare(a->member, b->member);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

/* ---- who wins ------------------------------------------------------------------------------- */

static void tell(const struct contender *winner, const struct contender *loser)
{
    member_add_contested(loser->member,
                         "its %s for the service %s is overruled: the container %s, which is "
                         "older, wants \"%.*s\"",
                         service_option_word(loser->kind), loser->service,
                         winner->member->container->name, (int)winner->value.len,
                         winner->value.ptr);
}

static void judge(const struct contender *first, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (first[i].member->container->running && !view_eq(first[i].value, first->value))
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

void service_contest_settle(struct roster *roster, struct set *set)
{
    struct contender *list = memory_new((count_options(roster) + 1) * sizeof(list[0]));
    size_t count = 0;
    for (size_t i = 0; i < roster->count; i++)
        if (takes_part(roster->members[i]))
            count = enter(list, count, roster->members[i]);
    if (count > 0)
        qsort(list, count, sizeof(list[0]), compare);
    settle(list, count, set);
    free(list);
}
