#include "lb/pool/service.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

#define LINE_BYTES 64u /* of the cache */

static struct service_local *new_locals(struct service *service)
{
    size_t size = service->worker_count * sizeof(struct service_local);
    service->memory = memory_new(size + LINE_BYTES);
    uintptr_t at = (uintptr_t)service->memory;
    return (struct service_local *)((at + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES);
}

static struct passing *new_passings(unsigned worker_count)
{
    struct passing *passings = aligned_alloc(LINE_BYTES, worker_count * sizeof(*passings));
    if (!passings)
        abort();
    return memset(passings, 0, worker_count * sizeof(*passings));
}

struct service *service_new(const char *name, enum service_kind kind, unsigned worker_count)
{
    struct service *service = aligned_alloc(LINE_BYTES, sizeof(*service));
    if (!service)
        abort();
    service->name = memory_copy(name, strlen(name));
    service->kind = kind;
    atomic_init(&service->ref_count, 1);
    atomic_init(&service->next_turn, 0);
    atomic_init(&service->peopled_ms, 0);
    atomic_init(&service->waiting_count, 0);
    atomic_init(&service->next_ticket, 0);
    atomic_init(&service->paused_until_ms, 0);
    service->next_paused_until_ms = 0;
    service->worker_count = worker_count;
    service->locals = new_locals(service);
    service->passings = kind == SERVICE_HTTP ? NULL : new_passings(worker_count);
    return service;
}

struct service *service_ref(struct service *service)
{
    atomic_fetch_add_explicit(&service->ref_count, 1, memory_order_relaxed);
    return service;
}

void service_unref(struct service *service)
{
    if (!service || atomic_fetch_sub_explicit(&service->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    for (unsigned i = 0; i < service->worker_count; i++)
        service_policy_unref(service->locals[i].policy);
    free(service->name);
    free(service->passings);
    free(service->memory);
    free(service);
}

void service_begin_use(struct service *service, struct service_local *local)
{
    atomic_store_explicit(&local->service, service_ref(service), memory_order_relaxed);
}

void service_take_policy(struct service_local *local, struct service_policy *policy)
{
    service_policy_unref(local->policy);
    local->policy = service_policy_ref(policy);
    retry_budget_set_share(&local->retry_budget, policy->retry.budget_percent);
}

bool service_count(const struct service *service, struct traffic *sum)
{
    bool is_used = false;
    for (unsigned i = 0; i < service->worker_count; i++) {
        const struct service_local *local = &service->locals[i];
        if (!service_of(local))
            continue;
        traffic_merge(sum, &local->traffic);
        is_used = true;
    }
    return is_used;
}

bool service_count_passing(const struct service *service, struct passing *sum)
{
    bool is_used = false;
    for (unsigned i = 0; i < service->worker_count; i++) {
        const struct service_local *local = &service->locals[i];
        if (!service_of(local) || !service->passings)
            continue;
        passing_merge(sum, &service->passings[i]);
        is_used = true;
    }
    return is_used;
}
