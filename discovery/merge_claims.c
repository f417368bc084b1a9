#include "discovery/merge_claims.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/contract/endpoint_id.h"

static int compare(const void *left, const void *right)
{
    const struct merge_claim *a = left, *b = right;
    int order = strcmp(a->id, b->id);
    if (order != 0)
        return order;
    if (a->part != b->part)
        return a->part < b->part ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static void allocate(struct merge_claims *claims, size_t capacity)
{
    claims->list = memory_new((capacity + 1) * sizeof(claims->list[0]));
    claims->count = 0;
}

static void add(struct merge_claims *claims, const char *id, size_t part, size_t at)
{
    claims->list[claims->count++] = (struct merge_claim){.id = id, .part = part, .at = at};
}

static void sort(struct merge_claims *claims)
{
    qsort(claims->list, claims->count, sizeof(claims->list[0]), compare);
}

void merge_claims_of_endpoints(const struct merge_part *parts, size_t count,
                               struct merge_claims *out)
{
    size_t capacity = 0;
    for (size_t i = 0; i < count; i++)
        capacity += parts[i].set->endpoint_count;
    allocate(out, capacity);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < parts[i].set->endpoint_count; k++)
            add(out, parts[i].set->endpoints[k].id, i, k);
    sort(out);
}

void merge_claims_of_left_out(const struct merge_part *parts, size_t count,
                              struct merge_claims *out)
{
    size_t capacity = 0;
    for (size_t i = 0; i < count; i++)
        capacity += parts[i].set->left_out_count;
    allocate(out, capacity);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < parts[i].set->left_out_count; k++)
            add(out, parts[i].set->left_out[k].id, i, k);
    sort(out);
}

void merge_claims_fini(struct merge_claims *claims)
{
    free(claims->list);
    *claims = (struct merge_claims){0};
}

/* The first place whose id does not come before `id`. */
static size_t find_place(const struct merge_claims *claims, struct view id)
{
    size_t low = 0, high = claims->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (view_compare(view_str(claims->list[middle].id), id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct merge_claim *merge_claims_find(const struct merge_claims *claims, struct view id,
                                            size_t part)
{
    size_t place = find_place(claims, id);
    const struct merge_claim *claim = &claims->list[place];
    bool is_there = place < claims->count && view_eq(view_str(claim->id), id) && claim->part < part;
    return is_there ? claim : NULL;
}

const struct merge_claim *merge_claims_find_port_of(const struct merge_claims *claims,
                                                    const char *container, size_t part)
{
    size_t place = find_place(claims, view_str(container));
    for (; place < claims->count; place++) {
        const struct merge_claim *claim = &claims->list[place];
        if (!view_starts_with(view_str(claim->id), view_str(container)))
            break;
        if (claim->part < part && endpoint_id_is_port_of(claim->id, container))
            return claim;
    }
    return NULL;
}
