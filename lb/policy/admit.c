#include "lb/policy/admit.h"

bool admit_has_place(const struct endpoint *endpoint)
{
    unsigned limit = admit_limit(endpoint);
    return limit == 0 || atomic_load(endpoint_admitted_count(endpoint)) < limit;
}

bool admit_has_room(const struct endpoint *endpoint, unsigned worker_index)
{
    return endpoint_idle_count(endpoint, worker_index) > 0 || admit_has_place(endpoint);
}

bool admit_is_over(const struct endpoint *endpoint)
{
    unsigned limit = admit_limit(endpoint);
    return limit > 0 && atomic_load(endpoint_admitted_count(endpoint)) > limit;
}

enum admit admit_try(struct endpoint *endpoint)
{
    unsigned limit = admit_limit(endpoint);
    if (limit == 0)
        return ADMIT_FREE;
    atomic_uint *count = endpoint_admitted_count(endpoint);
    unsigned taken = atomic_load(count);
    while (taken < limit)
        if (atomic_compare_exchange_weak(count, &taken, taken + 1))
            return ADMIT_PLACE;
    return ADMIT_FULL;
}

void admit_release(struct endpoint *endpoint)
{
    atomic_fetch_sub(endpoint_admitted_count(endpoint), 1);
}

/* ---- idle connections that others need -------------------------------------------------------- */

static bool ask(struct endpoint_local *local)
{
    unsigned asked = atomic_load(&local->asked_count);
    while (asked < atomic_load(&local->idle_count))
        if (atomic_compare_exchange_weak(&local->asked_count, &asked, asked + 1))
            return true;
    return false;
}

bool admit_ask(const struct admit_office *office, struct endpoint *endpoint, unsigned worker_index)
{
    for (unsigned i = 1; i <= endpoint->worker_count; i++) {
        unsigned other = (worker_index + i) % endpoint->worker_count;
        if (other == worker_index || !ask(&endpoint->locals[other]))
            continue;
        office->ring(office->owner, other);
        return true;
    }
    return false;
}

unsigned admit_asked_count(struct endpoint_local *local)
{
    return atomic_load(&local->asked_count) > 0 ? atomic_exchange(&local->asked_count, 0) : 0;
}

/* ---- who waits -------------------------------------------------------------------------------- */

bool admit_queue_again(struct admit_office *office, struct service *service, unsigned max)
{
    if (atomic_fetch_add(&service->waiting_count, 1) >= max) {
        atomic_fetch_sub(&service->waiting_count, 1);
        return false;
    }
    atomic_fetch_add(&office->waiting_count, 1);
    return true;
}

uint64_t admit_queue(struct admit_office *office, struct service *service, unsigned max)
{
    if (!admit_queue_again(office, service, max))
        return 0;
    return atomic_fetch_add(&service->next_ticket, 1) + 1;
}

void admit_leave(struct admit_office *office, struct service *service)
{
    atomic_fetch_sub(&service->waiting_count, 1);
    atomic_fetch_sub(&office->waiting_count, 1);
}

unsigned admit_next_worker(const struct service *service, uint64_t ticket)
{
    uint64_t first = UINT64_MAX;
    unsigned found = ADMIT_NOBODY;
    for (unsigned i = 0; i < service->worker_count; i++) {
        uint64_t own = atomic_load(&service->locals[i].first_ticket);
        if (own > ticket && own < first) {
            first = own;
            found = i;
        }
    }
    return found;
}
