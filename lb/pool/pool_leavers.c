#include "lb/pool/pool_leavers.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

static struct endpoint *find(const struct pool_leavers *leavers, const struct endpoint *same)
{
    for (unsigned i = 0; i < leavers->count; i++)
        if (address_eq(&leavers->endpoints[i]->address, &same->address) &&
            strcmp(leavers->endpoints[i]->id, same->id) == 0)
            return leavers->endpoints[i];
    return NULL;
}

static void append(struct pool_leavers *leavers, struct endpoint *endpoint)
{
    if (leavers->count == leavers->capacity) {
        leavers->capacity = leavers->capacity > 0 ? 2 * leavers->capacity : 8;
        leavers->endpoints =
            memory_resize(leavers->endpoints, leavers->capacity * sizeof(struct endpoint *));
    }
    leavers->endpoints[leavers->count++] = endpoint_ref(endpoint);
}

void pool_leavers_begin(struct pool_leavers *leavers, const struct pool_leavers *before)
{
    for (unsigned i = 0; i < before->count; i++)
        if (atomic_load(endpoint_admitted_count(before->endpoints[i])) > 0)
            append(leavers, before->endpoints[i]);
}

void pool_leavers_add(struct pool_leavers *leavers, struct endpoint *endpoint)
{
    if (atomic_load_explicit(&endpoint->max_inflight, memory_order_relaxed) > 0 &&
        leavers->count < POOL_LEAVERS_MAX && !find(leavers, endpoint)) {
        append(leavers, endpoint);
        /* A service that comes back with it is another one: those that wait are looked for in all. */
        atomic_store_explicit(&endpoint->has_kin, true, memory_order_relaxed);
    }
}

void pool_leavers_meet(const struct pool_leavers *leavers, struct endpoint *endpoint)
{
    const struct endpoint *left = find(leavers, endpoint);
    if (left)
        endpoint_share_places(endpoint, left);
}

void pool_leavers_fini(struct pool_leavers *leavers)
{
    for (unsigned i = 0; i < leavers->count; i++)
        endpoint_unref(leavers->endpoints[i]);
    free(leavers->endpoints);
    *leavers = (struct pool_leavers){0};
}
