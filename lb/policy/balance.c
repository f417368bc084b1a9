#include "lb/policy/balance.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/policy/outlier.h"

/* Where it is in the list, or would be. */
static unsigned place_of(const struct balance_tried *tried, const struct endpoint *endpoint)
{
    unsigned low = 0, high = tried->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if ((uintptr_t)tried->endpoints[middle] < (uintptr_t)endpoint)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct balance_tried *tried, unsigned place,
                  const struct endpoint *endpoint)
{
    return place < tried->count && tried->endpoints[place] == endpoint;
}

static bool is_tried(const struct balance_tried *tried, const struct endpoint *endpoint)
{
    return is_at(tried, place_of(tried, endpoint), endpoint);
}

static uint64_t take_turn(const struct pool_service *service)
{
    return atomic_fetch_add_explicit(&service->kept->next_turn, 1, memory_order_relaxed);
}

/* A second choice takes no turn: with one of two endpoints dead, each request would else begin with
 * the dead one. It starts one place further in each lap, so that all others share what the dead one
 * leaves. */
static uint64_t second_turn(const struct pool_service *service)
{
    uint64_t next = atomic_load_explicit(&service->kept->next_turn, memory_order_relaxed);
    return next + next / service->rotation_count;
}

static struct endpoint *first_choice(const struct pool_service *service)
{
    uint64_t turn = take_turn(service);
    for (unsigned i = 0; i < service->rotation_count; i++) {
        struct endpoint *endpoint = service->rotation[(turn + i) % service->rotation_count];
        if (pool_may_use(service, endpoint))
            return endpoint;
    }
    return NULL;
}

static struct endpoint *find(const struct pool_service *service, uint64_t turn,
                             const struct balance_tried *tried, bool may_be_doubtful)
{
    for (unsigned i = 0; i < service->rotation_count; i++) {
        struct endpoint *endpoint = service->rotation[(turn + i) % service->rotation_count];
        if (pool_may_use(service, endpoint) && !is_tried(tried, endpoint) &&
            (may_be_doubtful || !outlier_is_doubtful(endpoint)))
            return endpoint;
    }
    return NULL;
}

struct endpoint *balance_pick(const struct pool_service *service, const struct balance_tried *tried)
{
    if (service->rotation_count == 0)
        return NULL;
    if (tried->count == 0)
        return first_choice(service);
    uint64_t turn = second_turn(service);
    struct endpoint *endpoint = find(service, turn, tried, false);
    return endpoint ? endpoint : find(service, turn, tried, true);
}

bool balance_has_usable(const struct pool_service *service, const struct balance_tried *tried)
{
    for (unsigned i = 0; i < service->rotation_count; i++)
        if (pool_may_use(service, service->rotation[i]) &&
            !(tried && is_tried(tried, service->rotation[i])))
            return true;
    return false;
}

/* ---- what was tried -------------------------------------------------------------------------- */

static void grow(struct balance_tried *tried)
{
    tried->room = tried->room > 0 ? 2 * tried->room : 8;
    tried->endpoints = memory_resize(tried->endpoints, tried->room * sizeof(*tried->endpoints));
}

void balance_note_tried(struct balance_tried *tried, const struct endpoint *endpoint)
{
    unsigned place = place_of(tried, endpoint);
    if (is_at(tried, place, endpoint))
        return;
    if (tried->count == tried->room)
        grow(tried);
    const struct endpoint **at = &tried->endpoints[place];
    memmove(at + 1, at, (tried->count - place) * sizeof(*at));
    *at = endpoint;
    tried->count++;
}

void balance_forget_tried(struct balance_tried *tried, const struct endpoint *endpoint)
{
    unsigned place = place_of(tried, endpoint);
    if (!is_at(tried, place, endpoint))
        return;
    const struct endpoint **at = &tried->endpoints[place];
    tried->count--;
    memmove(at, at + 1, (tried->count - place) * sizeof(*at));
}

void balance_keep_usable(struct balance_tried *tried, const struct pool_service *service)
{
    struct balance_tried kept = {0};
    for (unsigned i = 0; i < service->rotation_count; i++)
        if (pool_may_use(service, service->rotation[i]) && is_tried(tried, service->rotation[i]))
            balance_note_tried(&kept, service->rotation[i]);
    balance_tried_fini(tried);
    *tried = kept;
}

void balance_tried_fini(struct balance_tried *tried)
{
    free(tried->endpoints);
    *tried = (struct balance_tried){0};
}
