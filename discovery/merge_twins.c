#include "discovery/merge_twins.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

/* ---- who is a twin --------------------------------------------------------------------------- */

bool merge_twins_are_one(const struct set_endpoint *one, const struct set_endpoint *other)
{
    return one->container && other->container && strcmp(one->container, other->container) == 0;
}

static void add(struct merge_twins *twins, const struct merge_twin *twin)
{
    twins->list =
        memory_make_room(twins->list, twins->count, &twins->capacity, sizeof(twins->list[0]));
    twins->list[twins->count++] = *twin;
}

void merge_twins_add(struct merge_twins *twins, const char *id, const struct set_endpoint *endpoint,
                     size_t part)
{
    add(twins, &(struct merge_twin){.id = id, .endpoint = endpoint, .part = part});
}

static int compare_ids(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_known(const struct merge_twins *twins, const char *id)
{
    return twins->known_count > 0 &&
           bsearch(&id, twins->known, twins->known_count, sizeof(twins->known[0]), compare_ids);
}

/* What an earlier source leaves out that is or has the port `id`; NULL: nothing. */
static const struct set_left_out *find_left_out(const struct merge_part *parts,
                                                const struct merge_claims *left_out, const char *id,
                                                size_t part)
{
    struct view rest = view_str(id), container = view_cut(&rest, ':');
    const struct merge_claim *found = merge_claims_find(left_out, view_str(id), part);
    if (!found)
        found = merge_claims_find(left_out, container, part);
    return found ? &parts[found->part].set->left_out[found->at] : NULL;
}

/* Who knows the container better says that it serves nobody. A reason that is about how to reach it holds
 * for that source only. */
static bool holds_for_both(enum left_out_reason reason)
{
    return reason == LEFT_OUT_NOT_RUNNING || reason == LEFT_OUT_DISABLED || reason == LEFT_OUT_SELF;
}

bool merge_twins_take(struct merge_twins *twins, const struct merge_part *parts,
                      const struct merge_claims *endpoints, const struct merge_claims *left_out,
                      const struct merge_claim *claim)
{
    const struct set_endpoint *endpoint = &parts[claim->part].set->endpoints[claim->at];
    if (!endpoint->twin)
        return false;
    struct merge_twin twin = {.id = endpoint->twin, .endpoint = endpoint, .part = claim->part};
    if (!merge_claims_find(endpoints, view_str(endpoint->twin), claim->part)) {
        const struct set_left_out *row =
            find_left_out(parts, left_out, endpoint->twin, claim->part);
        twin.is_gone = row ? holds_for_both(row->reason) : is_known(twins, endpoint->twin);
        if (!twin.is_gone)
            return false;
    }
    add(twins, &twin);
    return true;
}

/* ---- what it says ---------------------------------------------------------------------------- */

static unsigned care(enum endpoint_state state)
{
    switch (state) {
    case ENDPOINT_DRAINING:
        return 4;
    case ENDPOINT_UNHEALTHY:
        return 3;
    case ENDPOINT_PAUSED:
        return 2;
    case ENDPOINT_STARTING:
        return 1;
    default:
        return 0;
    }
}

static void add_state(struct set_endpoint *endpoint, const struct set_endpoint *twin)
{
    endpoint->is_local |= twin->is_local;
    if (care(twin->state) <= care(endpoint->state))
        return;
    endpoint->state = twin->state;
    endpoint->cause = twin->cause;
    endpoint->cause_time_ns = twin->cause_time_ns;
    if (twin->health)
        endpoint->health = twin->health;
}

/* Of the first `count`, which are sorted by id: the first one that is not before it. */
static size_t find_place(const struct set *set, size_t count, const char *id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(set->endpoints[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_in(const struct set *set, size_t i, size_t end, const char *id, const char *service)
{
    for (; i < end && strcmp(set->endpoints[i].id, id) == 0; i++)
        if (strcmp(set->endpoints[i].service, service) == 0)
            return true;
    return false;
}

/* Anybody who may write into the catalog can claim there to be a container of this host: what an entry says
 * of its state is believed if it is of this host's own agent and of a service that the container is in, as
 * who may write that one may take it out of it anyway. */
static bool is_believed(const struct merge_twin *twin, const struct set *set, size_t count)
{
    const struct set_endpoint *entry = twin->endpoint;
    return !entry->twin || (entry->is_local && is_in(set, find_place(set, count, twin->id), count,
                                                     twin->id, entry->service));
}

static void settle_states(const struct merge_twins *twins, struct set *set, size_t count)
{
    for (const struct merge_twin *twin = twins->list; twin < twins->list + twins->count; twin++) {
        if (!is_believed(twin, set, count))
            continue;
        for (size_t i = find_place(set, count, twin->id);
             i < count && strcmp(set->endpoints[i].id, twin->id) == 0; i++)
            add_state(&set->endpoints[i], twin->endpoint);
    }
}

/* An entry of a catalog may be of a service that no label names: routes of other hosts lead to it. What it says
 * of its state is said of that service only: there it is while it is ready. */
static void settle_service(const struct merge_twin *twin, struct set *set, size_t count)
{
    size_t first = find_place(set, count, twin->id);
    const char *service = twin->endpoint->service;
    bool is_ready = care(twin->endpoint->state) == care(ENDPOINT_READY);
    if (!twin->endpoint->twin || !is_ready || first == count ||
        strcmp(set->endpoints[first].id, twin->id) != 0)
        return;
    bool is_told = is_in(set, first, count, twin->id, service);
    for (size_t i = count; !is_told && i < set->endpoint_count; i++)
        is_told = is_in(set, i, i + 1, twin->id, service);
    if (is_told)
        return;
    struct set_endpoint more = set->endpoints[first];
    more.service = service;
    more.service_from = twin->endpoint->service_from;
    set_add_endpoint(set, &more);
}

static int compare_containers(const void *left, const void *right)
{
    const struct merge_twin *a = *(struct merge_twin *const *)left;
    const struct merge_twin *b = *(struct merge_twin *const *)right;
    int order = strcmp(a->endpoint->container, b->endpoint->container);
    return order != 0 ? order : (a->part > b->part) - (a->part < b->part);
}

static void list_containers(struct merge_twins *twins)
{
    free(twins->containers);
    twins->containers = memory_new((twins->count + 1) * sizeof(twins->containers[0]));
    twins->container_count = 0;
    for (size_t i = 0; i < twins->count; i++)
        if (!twins->list[i].endpoint->twin)
            twins->containers[twins->container_count++] = &twins->list[i];
    if (twins->container_count > 0)
        qsort(twins->containers, twins->container_count, sizeof(twins->containers[0]),
              compare_containers);
}

void merge_twins_settle(struct merge_twins *twins, struct set *set)
{
    size_t count = set->endpoint_count;
    settle_states(twins, set, count);
    for (size_t i = 0; i < twins->count; i++)
        settle_service(&twins->list[i], set, count);
    list_containers(twins);
}

/* The first place whose container does not come before it, or is of `part` or a later one. */
static size_t find_container(const struct merge_twins *twins, struct view container, size_t part)
{
    size_t low = 0, high = twins->container_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct merge_twin *twin = twins->containers[middle];
        int order = view_compare(view_str(twin->endpoint->container), container);
        if (order < 0 || (order == 0 && twin->part < part))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool merge_twins_has(const struct merge_twins *twins, struct view container, size_t part)
{
    size_t place = find_container(twins, container, part);
    if (place == twins->container_count)
        return false;
    const struct merge_twin *twin = twins->containers[place];
    return twin->part == part && view_eq(view_str(twin->endpoint->container), container);
}

/* ---- what is remembered ---------------------------------------------------------------------- */

static void forget(struct merge_twins *twins)
{
    for (size_t i = 0; i < twins->known_count; i++)
        free(twins->known[i]);
    free(twins->known);
    twins->known = NULL;
    twins->known_count = 0;
}

void merge_twins_end(struct merge_twins *twins)
{
    char **known = twins->count > 0 ? memory_new(twins->count * sizeof(known[0])) : NULL;
    size_t count = 0;
    for (size_t i = 0; i < twins->count; i++)
        if (twins->list[i].endpoint->twin)
            known[count++] = memory_copy(twins->list[i].id, strlen(twins->list[i].id));
    forget(twins);
    twins->known = known;
    twins->known_count = count;
    if (count > 0)
        qsort(known, count, sizeof(known[0]), compare_ids);
    twins->count = twins->container_count = 0;
}

void merge_twins_fini(struct merge_twins *twins)
{
    forget(twins);
    free(twins->containers);
    free(twins->list);
    *twins = (struct merge_twins){0};
}
