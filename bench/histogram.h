/* Durations counted by size, each to within 1/64 of itself, whatever the range (as HdrHistogram
 * does): nothing is averaged away and no sample is kept. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS      64u
#define HISTOGRAM_SLOT_COUNT (HISTOGRAM_STEPS * 60u)

/* Zeroed memory is an empty histogram. */
struct histogram {
    uint64_t count;
    uint64_t max_ns;
    uint64_t slots[HISTOGRAM_SLOT_COUNT];
};

void histogram_note(struct histogram *histogram, uint64_t duration_ns);

/* The duration that `share` (0 to 1) of all do not exceed; 0 without any. */
uint64_t histogram_quantile_ns(const struct histogram *histogram, double share);

#endif
