/* So many requests of an endpoint at a time, over all workers, and no more connections than that, idle
 * ones included: what serves one connection at a time would let the others wait for one that says
 * nothing. Each connection to an endpoint that has a limit holds a place; who finds none waits
 * (lb/proxy/queue). No locks: what is counted here and who waits is seen by all in one order, so that
 * of who gives a place back and who begins to wait one sees the other. Thread: any. */
#ifndef LB_POLICY_ADMIT_H
#define LB_POLICY_ADMIT_H

#include "lb/pool/endpoint.h"
#include "lb/pool/service.h"

enum admit {
    ADMIT_FREE,  /* there is no limit: nothing to be given back */
    ADMIT_PLACE, /* the caller holds one now; admit_release gives it back */
    ADMIT_FULL,
};

/* What workers tell each other of requests that wait; one for all of them. */
struct admit_office {
    atomic_uint waiting_count; /* requests, of all services */
    unsigned worker_count;
    /* Has that worker look at once after those that wait and at idle connections that are wanted
     * elsewhere. From any thread. */
    void (*ring)(void *owner, unsigned worker_index);
    void *owner;
};

static inline unsigned admit_limit(const struct endpoint *endpoint)
{
    return atomic_load_explicit(&endpoint->max_inflight, memory_order_relaxed);
}

/* Whether admit_try would find one, as of now. */
bool admit_has_place(const struct endpoint *endpoint);

/* A new connection to the endpoint is to be opened. */
enum admit admit_try(struct endpoint *endpoint);

/* The connection is closed. For an heir of the endpoint, or what it was before, as well. */
void admit_release(struct endpoint *endpoint);

/* More have a place than may: the limit was lowered. */
bool admit_is_over(const struct endpoint *endpoint);

/* The same for an idle connection of that worker, or a place; of one that has a limit. */
bool admit_has_room(const struct endpoint *endpoint, unsigned worker_index)
    __attribute__((noinline)); /* most have none */

/* Whether a request of that worker may get a connection at once, an idle one of its own or a place. */
static inline bool admit_is_open(const struct endpoint *endpoint, unsigned worker_index)
{
    return admit_limit(endpoint) == 0 || admit_has_room(endpoint, worker_index);
}

/* Has another worker close an idle connection to the endpoint. `worker_index`: who asks; the number of
 * workers: none of them does. False: none has one, or all are asked for. */
bool admit_ask(const struct admit_office *office, struct endpoint *endpoint, unsigned worker_index);

/* How many idle connections this worker is to close; it is asked for none then. Thread: the worker. */
unsigned admit_asked_count(struct endpoint_local *local);

/* ---- who waits -------------------------------------------------------------------------------- */

/* A place in the order of arrival of all that wait for the service, from 1 on. 0: `max` wait already.
 * admit_leave ends it. */
uint64_t admit_queue(struct admit_office *office, struct service *service, unsigned max);
/* The same with a place that it had before. */
bool admit_queue_again(struct admit_office *office, struct service *service, unsigned max);
void admit_leave(struct admit_office *office, struct service *service);

/* How many wait. */
static inline unsigned admit_waiting_count(const struct service *service)
{
    return atomic_load(&service->waiting_count);
}

/* What the worker's first in line has; 0: nobody of it waits. Thread: the worker. */
static inline void admit_set_first(struct service_local *local, uint64_t ticket)
{
    atomic_store(&local->first_ticket, ticket);
}

#define ADMIT_NOBODY 0xFFFFFFFFu

/* The worker that has the one who waits longest of those that came after `ticket`; ADMIT_NOBODY. */
unsigned admit_next_worker(const struct service *service, uint64_t ticket);

#endif
