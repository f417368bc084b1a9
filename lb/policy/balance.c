#include "lb/policy/balance.h"

static bool is_tried(const struct balance_tried *tried, const struct endpoint *endpoint)
{
    for (unsigned i = 0; i < tried->count; i++)
        if (tried->endpoints[i] == endpoint)
            return true;
    return false;
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

struct endpoint *balance_pick(const struct pool_service *service, const struct balance_tried *tried)
{
    if (service->rotation_count == 0)
        return NULL;
    uint64_t turn = tried->count == 0 ? take_turn(service) : second_turn(service);
    for (unsigned i = 0; i < service->rotation_count; i++) {
        struct endpoint *endpoint = service->rotation[(turn + i) % service->rotation_count];
        if (pool_may_use(service, endpoint) && !is_tried(tried, endpoint))
            return endpoint;
    }
    return NULL;
}

bool balance_has_usable(const struct pool_service *service, const struct balance_tried *tried)
{
    for (unsigned i = 0; i < service->rotation_count; i++)
        if (pool_may_use(service, service->rotation[i]) &&
            !(tried && is_tried(tried, service->rotation[i])))
            return true;
    return false;
}

void balance_note_tried(struct balance_tried *tried, const struct endpoint *endpoint)
{
    if (tried->count < BALANCE_TRIED_MAX && !is_tried(tried, endpoint))
        tried->endpoints[tried->count++] = endpoint;
}
