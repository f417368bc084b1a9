/* What stays of a service over all snapshots, as its endpoints do: its name and kind, its turn, what each
 * worker counts of it. Counted: each snapshot that lists it or leads to it has a reference, and each
 * worker that works for it. One that no snapshot has any more and that comes back begins anew,
 * its counts at 0: of names without end, which strangers give, none is kept for a return. */
#ifndef LB_POOL_SERVICE_H
#define LB_POOL_SERVICE_H

#include <stdatomic.h>

#include "lb/observe/passing.h"
#include "lb/observe/traffic.h"
#include "lb/pool/retry_budget.h"
#include "lb/pool/service_policy.h"

/* What one worker keeps of a service. */
struct service_local {
    _Alignas(64) _Atomic(struct service *) service; /* NULL: the worker has never used it */
    atomic_uint_fast64_t first_ticket; /* of who waits longest here; 0: nobody; lb/policy/admit.h */
    /* worker only */
    struct service_policy *policy; /* in force here; one reference; NULL: it was never used */
    struct retry_budget retry_budget;
    unsigned use_count;  /* what refers to it here */
    struct queue *queue; /* of requests that wait for a place here; NULL: none does */
    uint64_t knocked_ms; /* when those that refuse were last asked for those that wait */
    struct traffic traffic;
};

struct service {
    char *name;
    enum service_kind kind;
    atomic_uint ref_count;
    /* When it last had endpoints, by the loop's clock; 0: never. Control writes it. */
    atomic_uint_fast64_t peopled_ms;
    /* Its requests wait until then, by the loop's clock; 0: it is not paused. Control writes it. */
    atomic_uint_fast64_t paused_until_ms;
    uint64_t next_paused_until_ms; /* of control alone: by the snapshot that is being built */
    unsigned worker_count;
    struct service_local *locals; /* by worker index */
    struct passing *passings;     /* of connections or flows; likewise; NULL: it is HTTP */
    void *memory;                 /* theirs: pages that nobody writes to cost nothing */
    _Alignas(64) atomic_uint_fast64_t next_turn; /* of its round robin: one for all workers */
    atomic_uint waiting_count;        /* requests that wait for a place, of all workers */
    atomic_uint_fast64_t next_ticket; /* in their order of arrival */
};

/* Gives one reference. Copies the name. Thread: control. */
struct service *service_new(const char *name, enum service_kind kind, unsigned worker_count);

/* Thread: any, as for the next. */
struct service *service_ref(struct service *service);

/* The last one frees it. NULL is allowed. */
void service_unref(struct service *service);

/* The worker's first use of several: takes a reference for all of them. */
void service_begin_use(struct service *service, struct service_local *local);

/* The worker serves by this policy from now on, its running requests too. Thread: the worker. */
void service_take_policy(struct service_local *local, struct service_policy *policy);

/* For a request: the service stays until service_release, and is served by this policy from now on.
 * No atomic operation while the worker has other ones. Borrows `policy`. Thread: the worker. */
static inline struct service_local *service_use(struct service *service, unsigned worker_index,
                                                struct service_policy *policy)
{
    struct service_local *local = &service->locals[worker_index];
    if (local->use_count++ == 0)
        service_begin_use(service, local);
    if (local->policy != policy)
        service_take_policy(local, policy);
    return local;
}

/* Of one that is in use. Thread: the worker, as for the next two. */
static inline struct service *service_of(const struct service_local *local)
{
    return atomic_load_explicit(&local->service, memory_order_relaxed);
}

static inline struct service_local *service_use_again(struct service_local *local)
{
    local->use_count++;
    return local;
}

/* The last one may free it. */
static inline void service_release(struct service_local *local)
{
    if (--local->use_count == 0)
        service_unref(service_of(local));
}

/* 0: it is not paused. Thread: any. */
static inline uint64_t service_paused_until_ms(const struct service *service)
{
    return atomic_load_explicit(&service->paused_until_ms, memory_order_relaxed);
}

/* What that worker counts of its connections or flows. Only of a TCP or UDP service. */
static inline struct passing *service_passing(const struct service *service, unsigned worker_index)
{
    return &service->passings[worker_index];
}

/* Adds what all workers counted to `*sum`. False: none has ever used it. Thread: any. */
bool service_count(const struct service *service, struct traffic *sum);

/* The same of its connections or flows. */
bool service_count_passing(const struct service *service, struct passing *sum);

#endif
