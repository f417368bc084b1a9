/* The counts of one endpoint at a moment, in 32 bits each, as only differences matter: 64 bytes. */
#ifndef LB_ADMIN_WINDOW_ENDPOINT_H
#define LB_ADMIN_WINDOW_ENDPOINT_H

#include "lb/pool/pool.h"

#define WINDOW_ENDPOINT_MAX     2000u /* of a pool; of more nothing is known */
#define WINDOW_ENDPOINT_BUCKETS (COARSE_HISTOGRAM_BOUND_COUNT + 1)

struct window_endpoint {
    const struct endpoint *endpoint;
    uint32_t count; /* requests that it answered; of what speaks no HTTP connections */
    uint32_t answers_4xx, answers_5xx;
    uint32_t buckets[WINDOW_ENDPOINT_BUCKETS]; /* of durations, as in a coarse histogram */
};

/* Those of now. Thread: control, as for all of this module. */
struct window_endpoint window_endpoint_of(const struct endpoint *endpoint);

/* What came between the two, which are of one endpoint. */
struct window_endpoint window_endpoint_since(const struct window_endpoint *before,
                                             const struct window_endpoint *now);

/* Of the pool, sorted for window_endpoint_find. Gives: to be freed with free(). */
struct window_endpoint *window_endpoint_list(const struct pool *pool, unsigned *count);

/* NULL: it is not among them. */
const struct window_endpoint *window_endpoint_find(const struct window_endpoint *list,
                                                   unsigned count, const struct endpoint *endpoint);

/* The duration in ns that `percent` of them did not exceed, interpolated as in window.h. 0 without any. */
double window_endpoint_quantile_ns(const struct window_endpoint *since, unsigned percent);

#endif
