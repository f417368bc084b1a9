/* How long things took, by a few buckets: for what there are many of. */
#ifndef LB_OBSERVE_COARSE_HISTOGRAM_H
#define LB_OBSERVE_COARSE_HISTOGRAM_H

#include "lb/observe/counter.h"

#define COARSE_HISTOGRAM_BOUND_COUNT 7u

struct coarse_histogram {
    counter64 sum_ns;
    counter64 buckets[COARSE_HISTOGRAM_BOUND_COUNT + 1]; /* not cumulative; the last has no bound */
};

/* The upper bounds in nanoseconds, ascending; each is one of histogram.h as well. */
const uint64_t *coarse_histogram_bounds_ns(void);

/* Counts one duration. Thread: the one writer. */
void coarse_histogram_observe(struct coarse_histogram *histogram, uint64_t duration_ns);

/* Adds all of `from` to `*sum`. Thread: the writer of `sum`. */
void coarse_histogram_merge(struct coarse_histogram *sum, const struct coarse_histogram *from);

#endif
