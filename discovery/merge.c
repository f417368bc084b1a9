#include "discovery/merge.h"
#include "discovery/certificate_list.h"
#include "discovery/clean.h"
#include "discovery/merge_claims.h"
#include "discovery/merge_listeners.h"
#include "discovery/merge_routes.h"
#include "discovery/merge_services.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/base/text.h"

static uint64_t find_since(const struct overruled *known, size_t count,
                           const struct merge_claim *claim, uint64_t otherwise)
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
                     const struct merge_claim *winner, const struct merge_claim *loser,
                     uint64_t since_ns)
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

/* `claim` has an id that `winner`, of an earlier part, has too. `is_told`: of one service more. */
static void yield(struct merge *merge, const struct merge_part *parts,
                  const struct merge_claim *winner, const struct merge_claim *claim, bool is_told,
                  uint64_t since_ns)
{
    const struct set_endpoint *endpoint = &parts[claim->part].set->endpoints[claim->at];
    if (merge_twins_are_one(&parts[winner->part].set->endpoints[winner->at], endpoint))
        merge_twins_add(&merge->twins, endpoint->id, endpoint, claim->part);
    else if (!is_told)
        overrule(merge, parts, winner, claim, since_ns);
}

static void take_endpoints(struct merge *merge, const struct merge_part *parts,
                           const struct merge_claims *claims, const struct merge_claims *left_out,
                           uint64_t wall_ns)
{
    struct overruled *known = merge->overruled;
    size_t known_count = merge->overruled_count;
    const struct merge_claim *winner = NULL;
    merge->overruled = memory_new((claims->count + 1) * sizeof(merge->overruled[0]));
    merge->overruled_count = 0;
    for (const struct merge_claim *claim = claims->list; claim < claims->list + claims->count;
         claim++) {
        if (merge_twins_take(&merge->twins, parts, claims, left_out, claim))
            continue;
        if (winner && strcmp(winner->id, claim->id) == 0 && winner->part != claim->part) {
            yield(merge, parts, winner, claim, claim[-1].part == claim->part,
                  find_since(known, known_count, claim, wall_ns));
            continue;
        }
        winner = claim;
        struct set_endpoint endpoint = parts[claim->part].set->endpoints[claim->at];
        endpoint.source = parts[claim->part].word;
        set_add_endpoint(&merge->set, &endpoint);
    }
    free_overruled(known, known_count);
    merge_twins_settle(&merge->twins, &merge->set);
}

/* A later source has no way to a container that serves by an earlier one. */
static bool is_served(const struct merge_part *parts, const struct merge_claims *endpoints,
                      const struct set_left_out *row, size_t part)
{
    const struct merge_claim *found = row->container
                                          ? merge_claims_find(endpoints, view_str(row->id), part)
                                          : merge_claims_find_port_of(endpoints, row->id, part);
    return found && parts[found->part].set->endpoints[found->at].container;
}

/* What two leave out is told as the first one tells it. */
static void take_left_out(struct merge *merge, const struct merge_part *parts,
                          const struct merge_claims *endpoints, const struct merge_claims *left_out)
{
    for (size_t i = 0; i < left_out->count; i++) {
        const struct merge_claim *claim = &left_out->list[i];
        const struct set_left_out *row = &parts[claim->part].set->left_out[claim->at];
        bool is_first =
            i == 0 || claim[-1].part == claim->part || strcmp(claim[-1].id, claim->id) != 0;
        if (is_first && !is_served(parts, endpoints, row, claim->part))
            set_add_left_out(&merge->set, row);
    }
}

/* What is left of a part's routes and listeners, without those of containers that an earlier one tells. */
static struct set trim(struct merge *merge, const struct set *set, size_t part)
{
    struct set trimmed = *set;
    trimmed.routes = arena_new(&merge->shared, (set->route_count + 1) * sizeof(set->routes[0]));
    trimmed.listeners =
        arena_new(&merge->shared, (set->listener_count + 1) * sizeof(set->listeners[0]));
    trimmed.route_count = trimmed.listener_count = 0;
    for (size_t i = 0; i < set->route_count; i++)
        if (!merge_twins_has(&merge->twins, set->routes[i].container, part))
            trimmed.routes[trimmed.route_count++] = set->routes[i];
    for (size_t i = 0; i < set->listener_count; i++)
        if (!merge_twins_has(&merge->twins, set->listeners[i].container, part))
            trimmed.listeners[trimmed.listener_count++] = set->listeners[i];
    return trimmed;
}

/* Of all parts in their order, but for those of containers that an earlier one tells. */
static void take_certificates(struct merge *merge, const struct merge_part *parts, size_t count)
{
    size_t total = 0, listed = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i].set->certificate_count;
    struct certificate_wish *wishes =
        arena_new(&merge->shared, (total + 1) * sizeof(struct certificate_wish));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < parts[i].set->certificate_count; k++) {
            const struct certificate_wish *wish = &parts[i].set->certificates[k];
            if (!merge_twins_has(&merge->twins, wish->container, i))
                wishes[listed++] = *wish;
        }
    certificate_list_take(wishes, listed, &merge->shared, &merge->set);
}

static void take_remarks(struct merge *merge, const struct merge_part *parts, size_t count)
{
    merge->set.losses = NULL;
    text_clear(&merge->remark);
    for (size_t i = 0; i < count; i++) {
        const struct set *set = parts[i].set;
        if (!merge->set.losses)
            merge->set.losses = set->losses;
        if (set->remark)
            text_appendf(&merge->remark, "%s%s", merge->remark.len > 0 ? "; " : "", set->remark);
    }
    if (merge->disputed.len > 0)
        text_appendf(&merge->remark, "%s%s", merge->remark.len > 0 ? "; " : "",
                     text_str(&merge->disputed));
    free(merge->remark_shown);
    merge->remark_shown = NULL;
    if (merge->remark.len > 0)
        merge->remark_shown = clean_copy(text_view(&merge->remark), LIMITS_OBSTACLE_BYTES_MAX);
    merge->set.remark = merge->remark_shown;
}

/* Of routes that are alike the first source's counts, as it stands before the others. */
static void take_others(struct merge *merge, const struct merge_part *parts, size_t count)
{
    struct set *sets = memory_new(count * sizeof(sets[0]));
    struct merge_part *trimmed = memory_new(count * sizeof(trimmed[0]));
    text_clear(&merge->disputed);
    arena_fini(&merge->shared);
    for (size_t i = 0; i < count; i++) {
        sets[i] = trim(merge, parts[i].set, i);
        trimmed[i] = (struct merge_part){.word = parts[i].word, .set = &sets[i]};
    }
    merge_routes_take(trimmed, count, &merge->set, &merge->shared, &merge->disputed);
    merge_services_take(parts, count, &merge->set, &merge->disputed);
    merge_listeners_take(trimmed, count, &merge->set, &merge->disputed);
    take_certificates(merge, parts, count);
    take_remarks(merge, parts, count);
    free(trimmed);
    free(sets);
}

void merge_note_unread(struct merge *merge, const struct merge_part *parts, size_t count)
{
    merge->set.unread_count = 0;
    for (size_t i = 0; i < count; i++)
        if (parts[i].is_unread)
            merge->set.unread[merge->set.unread_count++] = parts[i].word;
}

const struct set *merge_take(struct merge *merge, const struct merge_part *parts, size_t count,
                             uint64_t wall_ns)
{
    struct merge_claims endpoints, left_out;
    if (count == 1)
        return parts[0].set;
    set_clear(&merge->set);
    merge_claims_of_endpoints(parts, count, &endpoints);
    merge_claims_of_left_out(parts, count, &left_out);
    take_endpoints(merge, parts, &endpoints, &left_out, wall_ns);
    take_left_out(merge, parts, &endpoints, &left_out);
    merge_claims_fini(&endpoints);
    merge_claims_fini(&left_out);
    take_others(merge, parts, count);
    merge_note_unread(merge, parts, count);
    merge_twins_end(&merge->twins);
    set_sort(&merge->set);
    return &merge->set;
}

void merge_fini(struct merge *merge)
{
    free_overruled(merge->overruled, merge->overruled_count);
    merge_twins_fini(&merge->twins);
    set_fini(&merge->set);
    arena_fini(&merge->shared);
    text_fini(&merge->disputed);
    text_fini(&merge->remark);
    free(merge->remark_shown);
    *merge = (struct merge){0};
}
