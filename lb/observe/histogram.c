#include "lb/observe/histogram.h"

#define MS UINT64_C(1000000)

static const uint64_t bounds_ns[HISTOGRAM_BOUND_COUNT] = {
    MS / 10,   MS / 4,    MS / 2,    MS,         MS * 5 / 2, MS * 5,
    MS * 10,   MS * 25,   MS * 50,   MS * 100,   MS * 250,   MS * 500,
    MS * 1000, MS * 2500, MS * 5000, MS * 10000, MS * 30000, MS * 60000,
};

const uint64_t *histogram_bounds_ns(void)
{
    return bounds_ns;
}

unsigned histogram_bucket(uint64_t duration_ns)
{
    unsigned i = 0;
    while (i < HISTOGRAM_BOUND_COUNT && duration_ns > bounds_ns[i])
        i++;
    return i;
}

void histogram_observe(struct histogram *histogram, uint64_t duration_ns)
{
    counter_add(&histogram->buckets[histogram_bucket(duration_ns)], 1);
    counter_add(&histogram->sum_ns, duration_ns);
}

uint64_t histogram_count(const struct histogram *histogram)
{
    uint64_t count = 0;
    for (unsigned i = 0; i <= HISTOGRAM_BOUND_COUNT; i++)
        count += counter_get(&histogram->buckets[i]);
    return count;
}
