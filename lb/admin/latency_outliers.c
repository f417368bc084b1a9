#include "lb/admin/latency_outliers.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double latency_outliers_limit_ms(double *p99_ms, unsigned count)
{
    if (count < 2)
        return INFINITY;
    qsort(p99_ms, count, sizeof(*p99_ms), compare);
    double median = p99_ms[(count - 1) / 2];
    return fmax(median * LATENCY_OUTLIERS_FACTOR, median + LATENCY_OUTLIERS_MORE_MS);
}
