#include "lb/pool/pool_settings.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

/* Whom it was believed to be then is not who it has to be now. */
static bool is_trusted_otherwise(const struct endpoint *endpoint,
                                 const struct service_policy *policy)
{
    return endpoint->is_by_tls && endpoint->policy &&
           memcmp(&endpoint->policy->tls, &policy->tls, sizeof(policy->tls)) != 0;
}

static void take_policy(struct endpoint *endpoint, struct service_policy *policy)
{
    if (endpoint->policy == policy)
        return;
    if (is_trusted_otherwise(endpoint, policy))
        endpoint->is_admitted = false;
    service_policy_unref(endpoint->policy);
    endpoint->policy = service_policy_ref(policy);
}

static void take_capacity(struct endpoint *endpoint, const struct capacity *capacity,
                          const struct service_policy *policy)
{
    bool is_kept_alive =
        capacity->keepalive ? capacity->keepalive == CAPACITY_YES : !policy->closes_upstreams;
    atomic_store_explicit(&endpoint->max_inflight,
                          capacity->has_max_inflight ? capacity->max_inflight
                                                     : policy->max_inflight,
                          memory_order_relaxed);
    atomic_store_explicit(&endpoint->is_kept_alive, is_kept_alive, memory_order_relaxed);
}

void pool_settings_take(struct endpoint *endpoint, const struct pool_wanted_endpoint *wanted,
                        struct service_policy *policy)
{
    take_policy(endpoint, policy);
    endpoint->order = wanted->order;
    endpoint->is_local = wanted->is_local;
    endpoint->is_by_tls = wanted->protocol == PROTOCOL_HTTPS && wanted->kind == SERVICE_HTTP;
    endpoint->ordered_weight = wanted->ordered_weight;
    for (enum wait wait = 0; wait < WAIT_COUNT; wait++)
        atomic_store_explicit(&endpoint->wait_ms[wait],
                              wanted->waits.is_given[wait] ? wanted->waits.ms[wait] : WAITS_UNGIVEN,
                              memory_order_relaxed);
    atomic_store_explicit(&endpoint->aborts_on_close, wanted->waits.aborts_on_close,
                          memory_order_relaxed);
    take_capacity(endpoint, &wanted->capacity, policy);
    endpoint->slow_start_ms =
        wanted->has_slow_start ? wanted->slow_start_ms : policy->slow_start_ms;
    if (!wanted->check) {
        free(endpoint->check);
        endpoint->check = NULL;
        return;
    }
    if (!endpoint->check)
        endpoint->check = memory_new(sizeof(*endpoint->check));
    *endpoint->check = *wanted->check;
}
