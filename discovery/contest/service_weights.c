#include "discovery/contest/service_weights.h"

#include <stdlib.h>

#include "lb/base/memory.h"

static int compare(const void *left, const void *right)
{
    const struct service_weight *a = left, *b = right;
    int order = view_compare(a->service, b->service);
    if (order == 0)
        order = claimant_compare(a->claimant, b->claimant);
    return order != 0 ? order : strcmp(a->claimant->id, b->claimant->id);
}

static void tell(const struct service_weight *winner, const struct service_weight *loser)
{
    claimant_add_contested(loser->claimant,
                           "its weight %u for the service %.*s is overruled: the %s %s, "
                           "which is older, says %u",
                           loser->weight, (int)loser->service.len, loser->service.ptr,
                           winner->claimant->noun, winner->claimant->name, winner->weight);
}

static void judge(const struct service_weights *weights)
{
    const struct service_weight *first = weights->list;
    for (size_t i = 1; i < weights->count; i++) {
        const struct service_weight *one = &weights->list[i];
        if (!view_eq(one->service, first->service))
            first = one;
        else if (one->weight != first->weight && one->claimant->is_running)
            tell(first, one);
    }
}

static void enter(struct service_weights *weights, struct claimant *claimant)
{
    const struct offers *offers = claimant->offers;
    for (size_t i = 0; i < offers->wish_count; i++)
        if (offers->wishes[i].has_weight)
            weights->list[weights->count++] = (struct service_weight){
                claimant, view_str(offers->wishes[i].service), offers->wishes[i].weight};
}

void service_weights_init(struct service_weights *weights, struct claimant *const *claimants,
                          size_t count)
{
    size_t room = 0;
    for (size_t i = 0; i < count; i++)
        room += claimants[i]->offers->wish_count;
    *weights = (struct service_weights){.list = memory_new((room + 1) * sizeof(*weights->list))};
    for (size_t i = 0; i < count; i++)
        if (!claimants[i]->is_hidden)
            enter(weights, claimants[i]);
    if (weights->count > 0)
        qsort(weights->list, weights->count, sizeof(*weights->list), compare);
    judge(weights);
}

void service_weights_fini(struct service_weights *weights)
{
    free(weights->list);
    *weights = (struct service_weights){0};
}

const struct service_weight *service_weights_find(const struct service_weights *weights,
                                                  struct view service)
{
    for (size_t low = 0, high = weights->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = view_compare(weights->list[middle].service, service);
        if (order == 0 &&
            (middle == 0 || view_compare(weights->list[middle - 1].service, service) != 0))
            return &weights->list[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
