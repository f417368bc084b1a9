#include "discovery/merge.h"
#include "discovery/clean.h"
#include "discovery/merge_listeners.h"
#include "discovery/merge_routes.h"
#include "discovery/merge_services.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/base/text.h"

/* An entry of a part, by its id: an endpoint, or one that is left out. */
struct claim {
    const char *id;
    size_t part;
    size_t at;
};

static int compare_claims(const void *left, const void *right)
{
    const struct claim *a = left, *b = right;
    int order = strcmp(a->id, b->id);
    if (order != 0)
        return order;
    if (a->part != b->part)
        return a->part < b->part ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static uint64_t find_since(const struct overruled *known, size_t count, const struct claim *claim,
                           uint64_t otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (known[i].part == claim->part && strcmp(known[i].id, claim->id) == 0)
            return known[i].since_ns;
    return otherwise;
}

static void free_overruled(struct overruled *overruled, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(overruled[i].id);
        free(overruled[i].detail);
    }
    free(overruled);
}

/* The endpoint of `loser` is left out, as `winner` comes before it. */
static void overrule(struct merge *merge, const struct merge_part *parts,
                     const struct claim *winner, const struct claim *loser, uint64_t since_ns)
{
    const struct set_endpoint *endpoint = &parts[loser->part].set->endpoints[loser->at];
    struct overruled *overruled = &merge->overruled[merge->overruled_count++];
    struct text detail = TEXT_INIT;
    text_appendf(&detail, "the source %s has an endpoint of the same id, and comes before %s",
                 parts[winner->part].word, parts[loser->part].word);
    *overruled = (struct overruled){.id = memory_copy(endpoint->id, strlen(endpoint->id)),
                                    .detail = detail.bytes,
                                    .part = loser->part,
                                    .since_ns = since_ns};
    set_add_left_out(&merge->set, &(struct set_left_out){.id = overruled->id,
                                                         .container = endpoint->container,
                                                         .name = endpoint->name,
                                                         .service = endpoint->service,
                                                         .reason = LEFT_OUT_OVERRULED,
                                                         .detail = overruled->detail,
                                                         .since_ns = since_ns,
                                                         .service_from = endpoint->service_from,
                                                         .port = endpoint->port,
                                                         .port_from = endpoint->port_from});
}

static void take_endpoints(struct merge *merge, const struct merge_part *parts,
                           const struct claim *claims, size_t count, uint64_t wall_ns)
{
    struct overruled *known = merge->overruled;
    size_t known_count = merge->overruled_count;
    const struct claim *winner = NULL;
    merge->overruled = memory_new((count + 1) * sizeof(merge->overruled[0]));
    merge->overruled_count = 0;
    for (const struct claim *claim = claims; claim < claims + count; claim++) {
        bool is_same = winner && strcmp(winner->id, claim->id) == 0;
        if (is_same && winner->part != claim->part) {
            if (claim[-1].part != claim->part) /* else it was told: one service more */
                overrule(merge, parts, winner, claim,
                         find_since(known, known_count, claim, wall_ns));
            continue;
        }
        winner = claim;
        set_add_endpoint(&merge->set, &parts[claim->part].set->endpoints[claim->at]);
    }
    free_overruled(known, known_count);
}

/* What two leave out is told as the first one tells it. */
static void take_left_out(struct merge *merge, const struct merge_part *parts,
                          const struct claim *claims, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (i == 0 || claims[i - 1].part == claims[i].part ||
            strcmp(claims[i - 1].id, claims[i].id) != 0)
            set_add_left_out(&merge->set, &parts[claims[i].part].set->left_out[claims[i].at]);
}

/* Gives: free it. Sorted by id, then by part. */
static struct claim *list_claims(const struct merge_part *parts, size_t part_count,
                                 bool of_endpoints, size_t *count)
{
    struct claim *claims;
    size_t capacity = 1;
    for (size_t i = 0; i < part_count; i++)
        capacity += of_endpoints ? parts[i].set->endpoint_count : parts[i].set->left_out_count;
    claims = memory_new(capacity * sizeof(claims[0]));
    *count = 0;
    for (size_t i = 0; i < part_count; i++) {
        const struct set *set = parts[i].set;
        for (size_t k = 0; k < (of_endpoints ? set->endpoint_count : set->left_out_count); k++)
            claims[(*count)++] =
                (struct claim){.id = of_endpoints ? set->endpoints[k].id : set->left_out[k].id,
                               .part = i,
                               .at = k};
    }
    qsort(claims, *count, sizeof(claims[0]), compare_claims);
    return claims;
}

/* Of routes that are alike the first source's counts, as it stands before the others. */
static void take_others(struct merge *merge, const struct merge_part *parts, size_t count)
{
    merge->set.losses = NULL;
    text_clear(&merge->remark);
    text_clear(&merge->disputed);
    for (size_t i = 0; i < count; i++) {
        const struct set *set = parts[i].set;
        if (!merge->set.losses)
            merge->set.losses = set->losses;
        if (set->remark)
            text_appendf(&merge->remark, "%s%s", merge->remark.len > 0 ? "; " : "", set->remark);
    }
    arena_fini(&merge->shared);
    merge_routes_take(parts, count, &merge->set, &merge->shared, &merge->disputed);
    merge_services_take(parts, count, &merge->set, &merge->disputed);
    merge_listeners_take(parts, count, &merge->set, &merge->disputed);
    if (merge->disputed.len > 0)
        text_appendf(&merge->remark, "%s%s", merge->remark.len > 0 ? "; " : "",
                     text_str(&merge->disputed));
    free(merge->remark_shown);
    merge->remark_shown = NULL;
    if (merge->remark.len > 0)
        merge->remark_shown = clean_copy(text_view(&merge->remark), LIMITS_OBSTACLE_BYTES_MAX);
    merge->set.remark = merge->remark_shown;
}

const struct set *merge_take(struct merge *merge, const struct merge_part *parts, size_t count,
                             uint64_t wall_ns)
{
    size_t claim_count;
    if (count == 1)
        return parts[0].set;
    set_clear(&merge->set);
    struct claim *endpoints = list_claims(parts, count, true, &claim_count);
    take_endpoints(merge, parts, endpoints, claim_count, wall_ns);
    free(endpoints);
    struct claim *left_out = list_claims(parts, count, false, &claim_count);
    take_left_out(merge, parts, left_out, claim_count);
    free(left_out);
    take_others(merge, parts, count);
    set_sort(&merge->set);
    return &merge->set;
}

void merge_fini(struct merge *merge)
{
    free_overruled(merge->overruled, merge->overruled_count);
    set_fini(&merge->set);
    arena_fini(&merge->shared);
    text_fini(&merge->disputed);
    text_fini(&merge->remark);
    free(merge->remark_shown);
    *merge = (struct merge){0};
}
