#include "lb/observe/coarse_histogram.h"

#define MS UINT64_C(1000000)

static const uint64_t bounds_ns[COARSE_HISTOGRAM_BOUND_COUNT] = {
    MS, MS * 5, MS * 25, MS * 100, MS * 500, MS * 2500, MS * 10000,
};

const uint64_t *coarse_histogram_bounds_ns(void)
{
    return bounds_ns;
}

void coarse_histogram_observe(struct coarse_histogram *histogram, uint64_t duration_ns)
{
    unsigned i = 0;
    while (i < COARSE_HISTOGRAM_BOUND_COUNT && duration_ns > bounds_ns[i])
        i++;
    counter_add(&histogram->buckets[i], 1);
    counter_add(&histogram->sum_ns, duration_ns);
}

void coarse_histogram_merge(struct coarse_histogram *sum, const struct coarse_histogram *from)
{
    counter_merge(&sum->sum_ns, &from->sum_ns, sizeof(*sum));
}
