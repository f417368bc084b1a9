#include "lb/observe/passing.h"

void passing_end(struct passing *passing, enum err end, uint64_t duration_ns)
{
    counter_add(&passing->open_count, (uint64_t)-1);
    counter_add(&passing->ends[end], 1);
    histogram_observe(&passing->durations, duration_ns);
}

void passing_merge(struct passing *sum, const struct passing *from)
{
    counter_merge((counter64 *)sum, (const counter64 *)from, sizeof(*sum));
}
