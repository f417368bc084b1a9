/* How long things took, by buckets with fixed bounds. */
#ifndef LB_OBSERVE_HISTOGRAM_H
#define LB_OBSERVE_HISTOGRAM_H

#include "lb/observe/counter.h"

#define HISTOGRAM_BOUND_COUNT 18u

/* Its count is the sum of its buckets. */
struct histogram {
    counter64 buckets[HISTOGRAM_BOUND_COUNT + 1]; /* not cumulative; the last has no bound */
    counter64 sum_ns;
};

/* The upper bounds in nanoseconds, ascending. */
const uint64_t *histogram_bounds_ns(void);

/* The bucket that a duration belongs to. */
unsigned histogram_bucket(uint64_t duration_ns);

/* Counts one duration. Thread: the one writer. */
void histogram_observe(struct histogram *histogram, uint64_t duration_ns);

/* How many durations it has. Thread: any. */
uint64_t histogram_count(const struct histogram *histogram);

#endif
