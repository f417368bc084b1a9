/* One worker's counters. The worker alone writes them; control adds the workers up when asked. */
#ifndef LB_OBSERVE_METRICS_H
#define LB_OBSERVE_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "lb/observe/record.h"

typedef atomic_uint_fast64_t metrics_counter;

/* XX(name): a fixed set, so that clients cannot make up labels. */
#define METRICS_METHOD_MAP(XX)                                                                     \
    XX(GET)                                                                                        \
    XX(HEAD)                                                                                       \
    XX(POST)                                                                                       \
    XX(PUT)                                                                                        \
    XX(DELETE) XX(CONNECT) XX(OPTIONS) XX(TRACE) XX(PATCH)                                         \
        XX(OTHER) /* any other one, and requests too malformed to have one */

enum metrics_method {
#define XX(name) METRICS_##name,
    METRICS_METHOD_MAP(XX)
#undef XX
        METRICS_METHOD_COUNT
};

#define METRICS_PAIR_COUNT 128u /* a power of two */

#define METRICS_BOUND_COUNT 18u

/* Durations. Its count is the sum of its buckets. */
struct metrics_histogram {
    metrics_counter buckets[METRICS_BOUND_COUNT + 1]; /* not cumulative; the last has no bound */
    metrics_counter sum_ns;
};

/* The requests of one method that ended with one status. */
struct metrics_pair {
    metrics_counter key; /* of both; 0: none yet */
    metrics_counter count;
};

/* Requests of a service, or of none: small, as there may be many services. Few pairs of method and
 * status ever occur, and backends, which choose the status, cannot make it grow: what finds no room
 * is counted by its class. */
struct metrics_requests {
    struct metrics_pair pairs[METRICS_PAIR_COUNT];
    metrics_counter others[6];          /* status / 100 */
    struct metrics_histogram durations; /* without tunnels */
};

struct metrics {
    metrics_counter requests_by_class[6]; /* status / 100; 0: ended without a status */
    metrics_counter ends[ERR_COUNT];
    metrics_counter attempt_count;
    metrics_counter retry_count;
    metrics_counter reuse_count; /* requests answered over a connection that had served before */
    metrics_counter inflight_count;
    metrics_counter retry_denied_count; /* by the retry budget */
    metrics_counter request_body_bytes;
    metrics_counter response_body_bytes;
    metrics_counter client_accepted_count;
    metrics_counter client_open_count;
    metrics_counter upstream_connect_count;
    metrics_counter upstream_open_count;
    metrics_counter upstream_failures[ERR_COUNT]; /* of attempts, whether retried or not */
    struct metrics_histogram connects;            /* those that succeeded */
    metrics_counter held_count;                   /* requests that wait for an endpoint now */
    struct metrics_histogram holds;               /* how long requests waited that had to */
    /* From here on metrics_merge adds pair by pair. */
    struct metrics_requests routed;
    struct metrics_requests unrouted; /* refused before a service was chosen */
};

/* Adds to a counter. Thread: the worker. */
static inline void metrics_add(metrics_counter *counter, uint64_t change)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + change, memory_order_relaxed);
}

/* Thread: any. */
static inline uint64_t metrics_get(const metrics_counter *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* The upper bounds of all histograms, in nanoseconds, ascending. */
const uint64_t *metrics_bounds_ns(void);

/* Counts one duration. Thread: the one writer. */
void metrics_histogram_observe(struct metrics_histogram *histogram, uint64_t duration_ns);

/* How many durations it has. Thread: any. */
uint64_t metrics_histogram_count(const struct metrics_histogram *histogram);

/* The word for the label. */
const char *metrics_method_word(enum metrics_method method);

/* The method and the status of a pair whose key is not 0. Status 0: no answer was sent. */
static inline enum metrics_method metrics_pair_method(const struct metrics_pair *pair)
{
    return (enum metrics_method)(metrics_get(&pair->key) >> 10);
}

static inline unsigned metrics_pair_status(const struct metrics_pair *pair)
{
    return (unsigned)(metrics_get(&pair->key) & 1023) - 1;
}

/* Counts one finished request. Thread: the worker. */
void metrics_observe(struct metrics *metrics, const struct record *record);

/* Adds all of `from` to `*sum`. Thread: any. */
void metrics_merge(struct metrics *sum, const struct metrics *from);

#endif
