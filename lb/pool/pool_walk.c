#include "lb/pool/pool_walk.h"

#include <stdlib.h>

#include "lb/base/memory.h"

/* ---- in order -------------------------------------------------------------------------------- */

static int compare_wanted(const void *left, const void *right)
{
    const struct pool_wanted_endpoint *a = left, *b = right;
    int order = a->service == b->service ? 0 : strcmp(a->service, b->service);
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

void pool_walk_enter(struct pool_walk *walk, const char *service)
{
    walk->service = walk->before ? pool_find(walk->before, view_str(service)) : NULL;
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

static int compare_by_id(const void *left, const void *right)
{
    const struct endpoint *const *a = left, *const *b = right;
    int order = strcmp((*a)->service, (*b)->service);
    return order ? order : strcmp((*a)->id, (*b)->id);
}

static void list_by_id(struct pool_walk *walk)
{
    const struct pool *pool = walk->before;
    for (unsigned i = 0; i < pool->service_count; i++)
        walk->count += pool->services[i].endpoint_count;
    walk->by_id = memory_new(walk->count * sizeof(struct endpoint *));
    unsigned at = 0;
    for (unsigned i = 0; i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            walk->by_id[at++] = pool->services[i].endpoints[j];
    qsort(walk->by_id, walk->count, sizeof(struct endpoint *), compare_by_id);
}

static struct endpoint *look_up(struct pool_walk *walk, const char *service, const char *id)
{
    if (!walk->by_id)
        list_by_id(walk);
    unsigned low = 0, high = walk->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        struct endpoint *endpoint = walk->by_id[middle];
        int order = strcmp(service, endpoint->service);
        if (order == 0)
            order = strcmp(id, endpoint->id);
        if (order == 0)
            return endpoint;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
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
        same = look_up(walk, wanted->service, wanted->id);
    if (!same && wanted->container) /* its source did not tell ports until now */
        same = look_up(walk, wanted->service, wanted->container);
    return same && address_eq(&same->address, &wanted->address) ? same : NULL;
}

void pool_walk_fini(struct pool_walk *walk)
{
    free(walk->by_id);
    walk->by_id = NULL;
}
