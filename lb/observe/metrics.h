/* One worker's counters. The worker alone writes them; control adds the workers up when asked. */
#ifndef LB_OBSERVE_METRICS_H
#define LB_OBSERVE_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "lb/observe/record.h"

typedef atomic_uint_fast64_t metrics_counter;

struct metrics {
    metrics_counter requests_by_class[6]; /* status / 100; 0: ended without a status */
    metrics_counter ends[ERR_COUNT];
    metrics_counter retry_count;
    metrics_counter retry_denied_count; /* by the retry budget */
    metrics_counter request_body_bytes;
    metrics_counter response_body_bytes;
    metrics_counter client_accepted_count;
    metrics_counter client_open_count;
    metrics_counter upstream_connect_count;
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

/* Counts one finished request. Thread: the worker. */
void metrics_observe(struct metrics *metrics, const struct record *record);

/* Adds all of `from` to `*sum`. Thread: any. */
void metrics_merge(struct metrics *sum, const struct metrics *from);

#endif
