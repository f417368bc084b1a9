/* One upstream address of a service: what it is, its state, and its counters. The same object lives
 * on through all snapshots that list it. Holds no libuv handle, so any thread may drop the last
 * reference. */
#ifndef LB_POOL_ENDPOINT_H
#define LB_POOL_ENDPOINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lb/base/address.h"
#include "lb/base/err.h"
#include "lb/base/list.h"

#define ENDPOINT_WEIGHT_MAX 256u

/* XX(name, word): only READY gets new requests. */
#define ENDPOINT_STATE_MAP(XX)                                                                     \
    XX(READY, "ready")                                                                             \
    XX(PROBING, "probing")     /* in the pool once a first connect succeeded */                    \
    XX(STARTING, "starting")   /* its HEALTHCHECK has not passed yet */                            \
    XX(UNHEALTHY, "unhealthy") /* its HEALTHCHECK fails */                                         \
    XX(PAUSED, "paused")                                                                           \
    XX(DRAINING, "draining") /* told to stop: finishes what it has */                              \
    XX(GONE, "gone")         /* in no snapshot any more */

enum endpoint_state {
#define XX(name, word) ENDPOINT_##name,
    ENDPOINT_STATE_MAP(XX)
#undef XX
        ENDPOINT_STATE_COUNT
};

/* The errors that an endpoint can be blamed for: the last ones of ERR_MAP. */
#define ENDPOINT_FAILURE_FIRST ERR_REFUSED
#define ENDPOINT_FAILURE_COUNT (ERR_COUNT - ENDPOINT_FAILURE_FIRST)

/* What one worker keeps of an endpoint. Only that worker writes; counters are read by control. */
struct endpoint_local {
    _Alignas(64) struct list idle; /* its idle connections, latest used first; worker only */
    unsigned idle_count;           /* worker only */
    struct list with_idle;         /* in the worker's list of endpoints with idle connections */
    atomic_uint_fast64_t inflight_count; /* requests it is working on */
    atomic_uint_fast64_t request_count;  /* answered by it, in all */
    atomic_uint_fast64_t failure_count;  /* connects refused or timed out, resets, bad answers */
    atomic_uint_fast64_t failures[ENDPOINT_FAILURE_COUNT]; /* the same by error */
    atomic_uint_fast64_t answers[6];                       /* request_count by status / 100 */
    atomic_uint_fast64_t connect_count;                    /* that succeeded */
    atomic_uint_fast64_t connect_ns;                       /* what they took, in all */
    uint64_t idle_closed_at_ms; /* when it last closed an idle connection, by the worker's loop … */
    unsigned idle_closed_age_ms; /* … and how long that had been idle; worker only */
};

struct endpoint {
    atomic_uint ref_count;
    _Atomic(enum endpoint_state) state;
    char *id; /* container id, or "address:port" of a static one */
    char *name;
    char *service;
    struct address address;
    char address_text[ADDRESS_TEXT_BYTES]; /* "ip:port" */
    unsigned weight;
    atomic_uint idle_limit_ms; /* how long it keeps an idle connection; 0: not known */

    /* control only */
    uint64_t listed_version; /* the latest snapshot that lists it */
    bool is_admitted;        /* a probe has succeeded since it was last not ready */
    uint64_t state_since_ns; /* wall clock */
    uint64_t cause_time_ns;  /* wall clock of what last changed it at the source; 0: unknown */
    char cause[48];          /* and the source's word for it */

    unsigned worker_count;
    struct endpoint_local locals[]; /* by worker index */
};

struct endpoint_options {
    const char *id;
    const char *name;
    const char *service;
    struct address address;
    unsigned weight;
    unsigned worker_count;
};

/* Gives one reference. Strings are copied. State: PROBING. Thread: control. */
struct endpoint *endpoint_new(const struct endpoint_options *options);

/* Thread: any. */
struct endpoint *endpoint_ref(struct endpoint *endpoint);

/* Takes a reference; the last one frees. NULL is allowed. Thread: any. */
void endpoint_unref(struct endpoint *endpoint);

/* Thread: any. */
static inline enum endpoint_state endpoint_state(const struct endpoint *endpoint)
{
    return atomic_load_explicit(&endpoint->state, memory_order_acquire);
}

static inline bool endpoint_is_usable(const struct endpoint *endpoint)
{
    return endpoint_state(endpoint) == ENDPOINT_READY;
}

/* Thread: control. */
void endpoint_set_state(struct endpoint *endpoint, enum endpoint_state state);

const char *endpoint_state_word(enum endpoint_state state);

/* The state of that word. Fails: false, also for "gone" and "probing", which no source may say. */
bool endpoint_parse_state(const char *word, enum endpoint_state *out);

/* What all workers counted, added up. */
struct endpoint_sums {
    uint64_t inflight_count;
    uint64_t failures[ENDPOINT_FAILURE_COUNT];
    uint64_t answers[6];
    uint64_t connect_count;
    uint64_t connect_ns;
};

/* Adds the endpoint's counters to `*sums`. Thread: control. */
void endpoint_add_to(const struct endpoint *endpoint, struct endpoint_sums *sums);

/* Sums over the workers. Thread: control. */
uint64_t endpoint_inflight_count(const struct endpoint *endpoint);
uint64_t endpoint_request_count(const struct endpoint *endpoint);
uint64_t endpoint_failure_count(const struct endpoint *endpoint);

/* Adds to a counter of which the calling worker is the only writer. */
static inline void endpoint_count(atomic_uint_fast64_t *counter, int64_t change)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + (uint64_t)change, memory_order_relaxed);
}

#endif
