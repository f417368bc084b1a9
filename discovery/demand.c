#include "discovery/demand.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/emit.h"
#include "lb/base/memory.h"

/* The parts that lb answers by itself in come first, and before them what no route leads to. */
#define RANK_OF_OTHERS (UINT64_C(1) << 32)

/* A route, as what belongs together is found by. */
struct site {
    struct view owner, service;
    struct route_pattern host;
    bool is_answer;
    size_t at;
    uint64_t rank;
};

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* ---- which routes belong together ------------------------------------------------------------ */

static int compare_hosts(const struct site *a, const struct site *b)
{
    int order = view_compare(a->owner, b->owner);
    if (order == 0)
        order = compare_numbers(a->host.kind, b->host.kind);
    return order != 0 ? order : view_compare(a->host.text, b->host.text);
}

static int compare_sites(const void *left, const void *right)
{
    const struct site *a = left, *b = right;
    int order = compare_hosts(a, b);
    return order != 0 ? order : compare_numbers(a->at, b->at);
}

static int compare_services(const void *left, const void *right)
{
    const struct site *a = left, *b = right;
    int order = view_compare(a->owner, b->owner);
    if (order == 0)
        order = view_compare(a->service, b->service);
    return order != 0 ? order : compare_numbers(a->rank, b->rank);
}

/* By the first of its routes. */
static void rank_part(struct site *first, size_t count)
{
    bool has_answer = false;
    for (size_t i = 0; i < count; i++)
        has_answer |= first[i].is_answer;
    for (size_t i = 0; i < count; i++)
        first[i].rank = first->at + 1 + (has_answer ? 0 : RANK_OF_OTHERS);
}

/* Gives: free it. Ranked, in the order of hosts. */
static struct site *list_sites(const struct set *set)
{
    struct site *sites = memory_new((set->route_count + 1) * sizeof(sites[0]));
    for (size_t i = 0; i < set->route_count; i++) {
        const struct route *route = &set->routes[i];
        sites[i] = (struct site){.owner = route->container,
                                 .service = route->service,
                                 .host = route->host,
                                 .is_answer = route->answer_status > 0,
                                 .at = i};
    }
    if (set->route_count > 0)
        qsort(sites, set->route_count, sizeof(sites[0]), compare_sites);
    for (size_t i = 0, end; i < set->route_count; i = end) {
        for (end = i + 1; end < set->route_count && compare_hosts(&sites[i], &sites[end]) == 0;)
            end++;
        rank_part(&sites[i], end - i);
    }
    return sites;
}

/* Of the first part that leads to the service; `sites` are in the order of services. */
static uint64_t find_rank(const struct site *sites, size_t count, struct view owner,
                          struct view service)
{
    struct site wanted = {.owner = owner, .service = service};
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_services(&sites[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_there =
        low < count && view_eq(sites[low].owner, owner) && view_eq(sites[low].service, service);
    return is_there ? sites[low].rank : 0;
}

/* ---- items, parts and owners ----------------------------------------------------------------- */

static int compare_items(const void *left, const void *right)
{
    const struct demand_item *a = left, *b = right;
    int order = compare_numbers(a->owner.len > 0, b->owner.len > 0);
    if (order == 0)
        order = compare_numbers(a->created_ns, b->created_ns);
    if (order == 0)
        order = view_compare(a->owner, b->owner);
    if (order == 0)
        order = compare_numbers(a->rank, b->rank);
    if (order == 0)
        order = compare_numbers(a->kind, b->kind);
    return order != 0 ? order : compare_numbers(a->at, b->at);
}

static struct view owner_of(const struct set_endpoint *endpoint)
{
    const char *owner = endpoint->container ? endpoint->container : endpoint->owner;
    return view_str(owner ? owner : "");
}

static void list_items(const struct set *set, struct demand *out)
{
    struct site *sites = list_sites(set);
    size_t capacity = set->route_count + set->endpoint_count + set->listener_count + 1;
    out->items = memory_new(capacity * sizeof(out->items[0]));
    for (size_t i = 0; i < set->route_count; i++)
        out->items[out->item_count++] =
            (struct demand_item){.owner = sites[i].owner,
                                 .created_ns = set->routes[sites[i].at].created_ns,
                                 .rank = sites[i].rank,
                                 .kind = DEMAND_ROUTE,
                                 .at = sites[i].at};
    if (set->route_count > 0)
        qsort(sites, set->route_count, sizeof(sites[0]), compare_services);
    for (size_t i = 0; i < set->endpoint_count; i++) {
        const struct set_endpoint *endpoint = &set->endpoints[i];
        struct view owner = owner_of(endpoint);
        out->items[out->item_count++] = (struct demand_item){
            .owner = owner,
            .created_ns = endpoint->created_ns,
            .rank = find_rank(sites, set->route_count, owner, view_str(endpoint->service)),
            .at = i};
    }
    for (size_t i = 0; i < set->listener_count; i++) {
        const struct listener_rule *listener = &set->listeners[i];
        out->items[out->item_count++] = (struct demand_item){
            .owner = listener->container,
            .created_ns = listener->created_ns,
            .rank = find_rank(sites, set->route_count, listener->container, listener->service),
            .kind = DEMAND_LISTENER,
            .at = i};
    }
    free(sites);
    if (out->item_count > 0)
        qsort(out->items, out->item_count, sizeof(out->items[0]), compare_items);
}

void demand_add_size(struct demand_size *sum, const struct demand_size *size)
{
    sum->route_count += size->route_count;
    sum->endpoint_count += size->endpoint_count;
    sum->listener_count += size->listener_count;
    sum->bytes += size->bytes;
}

/* Whether the item begins another owner's, or another part of the same one's. */
static bool begins_owner(const struct demand_item *items, size_t at)
{
    return at == 0 || !view_eq(items[at].owner, items[at - 1].owner) ||
           items[at].created_ns != items[at - 1].created_ns;
}

static bool begins_part(const struct demand_item *items, size_t at)
{
    return begins_owner(items, at) || items[at].rank != items[at - 1].rank;
}

void demand_measure(const struct set *set, struct demand *out)
{
    *out = (struct demand){0};
    list_items(set, out);
    out->parts = memory_new((out->item_count + 1) * sizeof(out->parts[0]));
    out->owners = memory_new((out->item_count + 1) * sizeof(out->owners[0]));
    for (size_t i = 0; i < out->item_count; i++) {
        if (begins_owner(out->items, i))
            out->owners[out->owner_count++] =
                (struct demand_owner){.id = out->items[i].owner, .begin = out->part_count};
        if (begins_part(out->items, i))
            out->parts[out->part_count++] = (struct demand_part){.begin = i};
        struct demand_owner *owner = &out->owners[out->owner_count - 1];
        struct demand_part *part = &out->parts[out->part_count - 1];
        enum demand_kind kind = out->items[i].kind;
        struct demand_size size = {.route_count = kind == DEMAND_ROUTE,
                                   .endpoint_count = kind == DEMAND_ENDPOINT,
                                   .listener_count = kind == DEMAND_LISTENER};
        part->end = i + 1;
        owner->end = out->part_count;
        demand_add_size(&part->size, &size);
        demand_add_size(&owner->size, &size);
        demand_add_size(&out->size, &size);
    }
}

static size_t weigh_item(const struct set *set, const struct demand_item *item,
                         struct text *scratch)
{
    switch (item->kind) {
    case DEMAND_ROUTE:
        return emit_route_bytes(&set->routes[item->at], scratch);
    case DEMAND_LISTENER:
        return emit_listener_bytes(&set->listeners[item->at], scratch);
    default:
        break;
    }
    return emit_endpoint_bytes(set, &set->endpoints[item->at], scratch);
}

void demand_weigh(const struct set *set, const struct demand *demand, struct demand_part *part,
                  struct text *scratch)
{
    size_t bytes = 0;
    for (size_t i = part->begin; part->size.bytes == 0 && i < part->end; i++)
        bytes += weigh_item(set, &demand->items[i], scratch);
    part->size.bytes += bytes;
}

void demand_fini(struct demand *demand)
{
    free(demand->items);
    free(demand->parts);
    free(demand->owners);
    *demand = (struct demand){0};
}
