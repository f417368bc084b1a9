#include "lb/pool/pool_walk.h"

#include <stdlib.h>

#include "lb/base/memory.h"

/* The same server, reached in the same way. */
static bool is_same(const struct endpoint *endpoint, const struct pool_wanted_endpoint *wanted)
{
    return address_eq(&endpoint->address, &wanted->address) &&
           protocol_is_kin(endpoint->protocol, wanted->protocol);
}

/* ---- in order -------------------------------------------------------------------------------- */

static int compare_wanted(const void *left, const void *right)
{
    const struct pool_wanted_endpoint *a = left, *b = right;
    int order = a->service == b->service ? 0 : strcmp(a->service, b->service);
    if (order == 0)
        order = (int)a->kind - (int)b->kind;
    if (order == 0)
        order = strcmp(a->name, b->name);
    return order ? order : strcmp(a->id, b->id);
}

/* Discovery gives them in order, and those that are known were sorted before. */
void pool_walk_sort(struct pool_wanted *wanted)
{
    for (unsigned i = 1; i < wanted->endpoint_count; i++) {
        const struct pool_wanted_endpoint *first = &wanted->endpoints[i - 1], *second = first + 1;
        if ((first->known && second->known) || compare_wanted(first, second) <= 0)
            continue;
        qsort(wanted->endpoints, wanted->endpoint_count, sizeof(*wanted->endpoints),
              compare_wanted);
        return;
    }
}

void pool_walk_enter(struct pool_walk *walk, const char *service, enum service_kind kind)
{
    walk->service =
        walk->before ? pool_find_next(walk->before, service, kind, &walk->next_service) : NULL;
    walk->next = 0;
}

static int compare_in_service(const struct endpoint *endpoint,
                              const struct pool_wanted_endpoint *wanted)
{
    int order = strcmp(endpoint->name, wanted->name);
    return order ? order : strcmp(endpoint->id, wanted->id);
}

/* The next one, if it is that; what stands before it is passed by. */
static struct endpoint *step(struct pool_walk *walk, const struct pool_wanted_endpoint *wanted)
{
    const struct pool_service *service = walk->service;
    while (walk->next < service->endpoint_count) {
        struct endpoint *endpoint = service->endpoints[walk->next];
        int order = compare_in_service(endpoint, wanted);
        if (order > 0)
            return NULL;
        walk->next++;
        if (order == 0)
            return endpoint;
    }
    return NULL;
}

/* ---- by id ----------------------------------------------------------------------------------- */

static int compare_listings(const void *left, const void *right)
{
    const struct pool_walk_listing *a = left, *b = right;
    int order = strcmp(a->endpoint->id, b->endpoint->id);
    if (order == 0)
        order = strcmp(a->service, b->service);
    return order ? order : (int)a->kind - (int)b->kind;
}

static void list_by_id(struct pool_walk *walk)
{
    const struct pool *pool = walk->before;
    for (unsigned i = 0; i < pool->service_count; i++)
        walk->count += pool->services[i].endpoint_count;
    walk->by_id = memory_new(walk->count * sizeof(walk->by_id[0]));
    unsigned at = 0;
    for (unsigned i = 0; i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            walk->by_id[at++] =
                (struct pool_walk_listing){.service = pool->services[i].name,
                                           .kind = pool->services[i].kind,
                                           .endpoint = pool->services[i].endpoints[j]};
    qsort(walk->by_id, walk->count, sizeof(walk->by_id[0]), compare_listings);
}

/* The first listing that is not before that id, service and kind; `count` when there is none. */
static unsigned find_listing(struct pool_walk *walk, const char *id, const char *service,
                             enum service_kind kind)
{
    if (!walk->by_id)
        list_by_id(walk);
    unsigned low = 0, high = walk->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct pool_walk_listing *listing = &walk->by_id[middle];
        int order = strcmp(id, listing->endpoint->id);
        if (order == 0)
            order = strcmp(service, listing->service);
        if (order == 0)
            order = (int)kind - (int)listing->kind;
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct endpoint *look_up(struct pool_walk *walk, const char *service, enum service_kind kind,
                                const char *id)
{
    unsigned at = find_listing(walk, id, service, kind);
    if (at == walk->count || strcmp(walk->by_id[at].endpoint->id, id) != 0 ||
        strcmp(walk->by_id[at].service, service) != 0 || walk->by_id[at].kind != kind)
        return NULL;
    return walk->by_id[at].endpoint;
}

struct endpoint *pool_walk_find_kin(struct pool_walk *walk,
                                    const struct pool_wanted_endpoint *wanted)
{
    if (!walk->before)
        return NULL;
    for (unsigned at = find_listing(walk, wanted->id, "", SERVICE_HTTP);
         at < walk->count && strcmp(walk->by_id[at].endpoint->id, wanted->id) == 0; at++)
        if (is_same(walk->by_id[at].endpoint, wanted))
            return walk->by_id[at].endpoint;
    return NULL;
}

/* ---- both ------------------------------------------------------------------------------------ */

struct endpoint *pool_walk_find(struct pool_walk *walk, const struct pool_wanted_endpoint *wanted)
{
    const struct pool_service *service = walk->service;
    if (!service)
        return NULL;
    if (wanted->known && walk->next < service->endpoint_count &&
        service->endpoints[walk->next] == wanted->known)
        return service->endpoints[walk->next++];
    struct endpoint *same = step(walk, wanted);
    if (!same)
        same = look_up(walk, wanted->service, wanted->kind, wanted->id);
    if (!same && wanted->container) /* its source did not tell ports until now */
        same = look_up(walk, wanted->service, wanted->kind, wanted->container);
    return same && is_same(same, wanted) ? same : NULL;
}

void pool_walk_fini(struct pool_walk *walk)
{
    free(walk->by_id);
    walk->by_id = NULL;
}
