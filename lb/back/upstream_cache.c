#include "lb/back/upstream_cache.h"

#include "lb/back/h1_secure.h"
#include "lb/back/h1_stage.h"
#include "lb/back/h1_upstream.h"
#include "lb/back/place.h"
#include "lb/back/trust.h"
#include "lb/policy/idle_limit.h"

/* What every request does once, in the one place that does it: a call costs more than it seems. */
#define INLINED static inline __attribute__((always_inline))

static struct endpoint_local *local_of(const struct h1_upstream *upstream)
{
    return &upstream->back.endpoint->locals[upstream->back.fleet->worker_index];
}

/* Only this worker writes it. */
static unsigned count_idle(struct endpoint_local *local, int change)
{
    unsigned count = atomic_load_explicit(&local->idle_count, memory_order_relaxed);
    count += (unsigned)change;
    atomic_store_explicit(&local->idle_count, count, memory_order_relaxed);
    return count;
}

static void take_out(struct h1_upstream *upstream)
{
    struct endpoint_local *local = local_of(upstream);
    list_unlink(&upstream->node);
    if (count_idle(local, -1) == 0)
        list_unlink(&local->with_idle);
}

static void close_idle(struct endpoint_local *local);

/* The backend ended it, or it was idle for too long. Where the backend closes at the same age
 * again, the next ones are let go before; a host that is lost has not closed it. */
static void on_failed(void *owner, enum err err)
{
    struct h1_upstream *upstream = owner;
    struct endpoint_local *local = local_of(upstream);
    take_out(upstream);
    if (upstream->back.is_host_lost) {
        close_idle(local);
        return;
    }
    if (err != ERR_UPSTREAM_RESET)
        return;
    unsigned limit_ms = idle_limit_learn(local, loop_now_ms(upstream->back.fleet->loop),
                                         h1_upstream_idle_ms(upstream));
    if (limit_ms > 0)
        atomic_store_explicit(&upstream->back.endpoint->idle_limit_ms, limit_ms,
                              memory_order_relaxed);
}

static const struct back_handler idle_handler = {.on_failed = on_failed};

static void close_oldest(struct endpoint_local *local)
{
    struct h1_upstream *oldest = list_entry(local->idle.prev, struct h1_upstream, node);
    take_out(oldest);
    h1_stage_close(oldest);
}

/* The endpoint stays while its connections close, so `local` does too. */
static void close_idle(struct endpoint_local *local)
{
    while (!list_is_empty(&local->idle)) {
        struct h1_upstream *upstream = list_entry(local->idle.next, struct h1_upstream, node);
        take_out(upstream);
        h1_stage_close(upstream);
    }
}

static bool lacks_place(const struct h1_upstream *upstream) __attribute__((noinline));

static bool lacks_place(const struct h1_upstream *upstream)
{
    return !upstream->has_place || admit_is_over(upstream->back.endpoint);
}

/* It was opened before there was a limit, or the limit was lowered. */
static inline bool is_out_of_place(const struct h1_upstream *upstream)
{
    return admit_limit(upstream->back.endpoint) > 0 && lacks_place(upstream);
}

INLINED struct back *take(struct fleet *fleet, const struct service_local *service,
                          struct endpoint *endpoint, const struct back_handler *handler,
                          void *owner)
{
    struct endpoint_local *local = &endpoint->locals[fleet->worker_index];
    if (!trust_has(fleet, endpoint))
        close_idle(local);
    while (!list_is_empty(&local->idle)) {
        struct h1_upstream *upstream = list_entry(local->idle.next, struct h1_upstream, node);
        take_out(upstream);
        if (!is_out_of_place(upstream) &&
            (!upstream->client || h1_secure_is_as_said(upstream, service)) &&
            h1_upstream_is_clean(upstream)) {
            h1_upstream_wake(upstream, handler, owner);
            return &upstream->back;
        }
        h1_stage_close(upstream);
    }
    return NULL;
}

struct back *upstream_cache_take(struct fleet *fleet, const struct service_local *service,
                                 struct endpoint *endpoint, const struct back_handler *handler,
                                 void *owner)
{
    return take(fleet, service, endpoint, handler, owner);
}

struct back *upstream_cache_take_aside(struct fleet *fleet, const struct service_local *service,
                                       struct endpoint *endpoint,
                                       const struct back_handler *handler, void *owner)
{
    return take(fleet, service, endpoint, handler, owner);
}

/* It is the first of the endpoint: who asked for one while there was none is seen to wait below, and is
 * not to be taken for one who has asked for this one. */
static void forget_asked(struct endpoint_local *local)
{
    if (atomic_load_explicit(&local->idle_count, memory_order_relaxed) == 1)
        admit_asked_count(local);
}

/* To who waits for it: to one of another worker the place alone. All see that it is idle before it is
 * looked who waits. */
static void offer(struct h1_upstream *upstream, struct endpoint_local *local)
    __attribute__((noinline)); /* most have no place to offer */

static void offer(struct h1_upstream *upstream, struct endpoint_local *local)
{
    struct fleet *fleet = upstream->back.fleet;
    struct endpoint *endpoint = upstream->back.endpoint;
    struct service *service = service_of(upstream->back.service);
    forget_asked(local);
    atomic_store(&local->idle_count,
                 atomic_load_explicit(&local->idle_count, memory_order_relaxed));
    if (!place_is_wanted(fleet, endpoint, service))
        return;
    if (admit_next_worker(service, 0) == fleet->worker_index) {
        fleet->on_place(fleet->place_owner, endpoint, service);
        return;
    }
    take_out(upstream);
    h1_stage_close(upstream);
}

INLINED void put(struct back *back)
{
    struct h1_upstream *upstream = h1_upstream_of(back);
    struct endpoint_local *local = local_of(upstream);
    if (!endpoint_is_usable(upstream->back.endpoint) ||
        atomic_load_explicit(&local->idle_count, memory_order_relaxed) >= UPSTREAM_CACHE_MAX ||
        !h1_upstream_is_reusable(upstream) ||
        !trust_has(upstream->back.fleet, upstream->back.endpoint) || is_out_of_place(upstream)) {
        h1_stage_close(upstream);
        return;
    }
    if (count_idle(local, 1) == 1)
        list_append(&upstream->back.fleet->with_idle, &local->with_idle);
    list_prepend(&local->idle, &upstream->node);
    h1_upstream_idle(upstream, &idle_handler, upstream);
    if (upstream->has_place)
        offer(upstream, local);
}

void upstream_cache_put(struct back *back)
{
    put(back);
}

void upstream_cache_put_aside(struct back *back)
{
    put(back);
}

static bool is_local_usable(const struct endpoint_local *local)
{
    return endpoint_is_usable(
        list_entry(local->idle.next, struct h1_upstream, node)->back.endpoint);
}

static void sweep_all(struct fleet *fleet)
{
    list_for_each_safe (node, &fleet->with_idle) {
        struct endpoint_local *local = list_entry(node, struct endpoint_local, with_idle);
        if (!is_local_usable(local))
            close_idle(local);
    }
}

static void sweep_unready(const struct pool_service *service, unsigned worker_index)
{
    for (unsigned i = 0; i < service->endpoint_count - service->ready_count; i++)
        if (!endpoint_is_usable(service->unready[i]))
            close_idle(&service->unready[i]->locals[worker_index]);
}

/* Limits that are new, or lower. */
static void sweep_out_of_place(struct fleet *fleet)
{
    list_for_each_safe (node, &fleet->with_idle) {
        struct endpoint_local *local = list_entry(node, struct endpoint_local, with_idle);
        while (!list_is_empty(&local->idle) &&
               is_out_of_place(list_entry(local->idle.prev, struct h1_upstream, node)))
            close_oldest(local);
    }
}

/* Which endpoints are gone a snapshot does not tell. While none goes, those that are not ready are
 * all that can have an idle connection too many. */
void upstream_cache_sweep(struct fleet *fleet, const struct pool *pool)
{
    sweep_out_of_place(fleet);
    if (!pool || pool->members_version == fleet->swept_version) {
        for (unsigned i = 0; pool && i < pool->service_count; i++)
            sweep_unready(&pool->services[i], fleet->worker_index);
        return;
    }
    if (atomic_load_explicit(&pool->is_settled, memory_order_acquire))
        fleet->swept_version = pool->members_version;
    sweep_all(fleet);
}

void upstream_cache_let_go(struct fleet *fleet, struct endpoint *endpoint)
{
    close_idle(fleet_local(fleet, endpoint));
}

bool upstream_cache_make_place(struct fleet *fleet, struct endpoint *endpoint)
{
    struct endpoint_local *local = fleet_local(fleet, endpoint);
    bool has_any = !list_is_empty(&local->idle);
    if (has_any)
        close_oldest(local);
    return has_any;
}

void upstream_cache_yield(struct fleet *fleet)
{
    list_for_each_safe (node, &fleet->with_idle) {
        struct endpoint_local *local = list_entry(node, struct endpoint_local, with_idle);
        for (unsigned left = admit_asked_count(local); left > 0 && !list_is_empty(&local->idle);
             left--)
            close_oldest(local);
    }
}

bool upstream_cache_make_room(struct fleet *fleet)
{
    if (list_is_empty(&fleet->with_idle))
        return false;
    struct endpoint_local *local =
        list_entry(fleet->with_idle.next, struct endpoint_local, with_idle);
    list_unlink(&local->with_idle); /* the next time it is another endpoint's turn */
    list_append(&fleet->with_idle, &local->with_idle);
    close_oldest(local);
    return true;
}

void upstream_cache_clear(struct fleet *fleet)
{
    while (!list_is_empty(&fleet->with_idle))
        close_idle(list_entry(fleet->with_idle.next, struct endpoint_local, with_idle));
}
