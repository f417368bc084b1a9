/* Which endpoint of a service is much slower than its siblings. Pure. Thread: any. */
#ifndef LB_ADMIN_LATENCY_OUTLIERS_H
#define LB_ADMIN_LATENCY_OUTLIERS_H

/* With fewer requests of late nothing is said of one. */
#define LATENCY_OUTLIERS_COUNT_MIN 20u

/* Far above the median (of two: the lower one): thrice as much, and 10 ms more. */
#define LATENCY_OUTLIERS_FACTOR  3.0
#define LATENCY_OUTLIERS_MORE_MS 10.0

/* Above which one of those p99 in ms, which are sorted here, is far above the others; infinite where there are too
 * few to tell. */
double latency_outliers_limit_ms(double *p99_ms, unsigned count);

#endif
