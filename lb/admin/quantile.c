#include "lb/admin/quantile.h"

double quantile_ns(const uint64_t *buckets, const uint64_t *bounds_ns, unsigned bound_count,
                   unsigned percent)
{
    uint64_t total = 0;
    for (unsigned i = 0; i <= bound_count; i++)
        total += buckets[i];
    double left = (double)total * percent / 100;
    for (unsigned i = 0; total > 0 && i < bound_count; i++) {
        double in_bucket = (double)buckets[i];
        double from = i > 0 ? (double)bounds_ns[i - 1] : 0;
        if (buckets[i] > 0 && left <= in_bucket)
            return from + ((double)bounds_ns[i] - from) * left / in_bucket;
        left -= in_bucket;
    }
    return total > 0 ? (double)bounds_ns[bound_count - 1] : 0;
}
