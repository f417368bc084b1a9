/* Quantiles of durations that were counted by buckets. Pure. Thread: any. */
#ifndef LB_ADMIN_QUANTILE_H
#define LB_ADMIN_QUANTILE_H

#include <stdint.h>

/* The duration in ns that `percent` of those in the buckets did not exceed: interpolated within a bucket, as
 * Prometheus does; the largest bound for what is beyond. There is one bucket more than `bound_count`; the
 * bounds ascend. 0 without any. */
double quantile_ns(const uint64_t *buckets, const uint64_t *bounds_ns, unsigned bound_count,
                   unsigned percent);

#endif
