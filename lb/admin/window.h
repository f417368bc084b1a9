/* What happened within the last seconds: the counters as they were then beside those of now. At most 1.3 MB
 * for 2 000 endpoints, and 3 MB for 1 000 services. */
#ifndef LB_ADMIN_WINDOW_H
#define LB_ADMIN_WINDOW_H

#include "lb/admin/window_endpoint.h"
#include "lb/admin/window_service.h"
#include "lb/observe/metrics.h"

#define WINDOW_SAMPLE_COUNT 10u  /* one a second: the oldest is ten seconds old */
#define WINDOW_SHORTEST_MS  500u /* a rate over less than this would only flicker */

#define WINDOW_BUCKET_COUNT (HISTOGRAM_BOUND_COUNT + 1)

/* Zeroed memory is an empty one. */
struct window {
    struct window_sample {
        uint64_t time_ms; /* the loop's clock */
        uint64_t requests_by_class[6];
        uint64_t buckets[WINDOW_BUCKET_COUNT]; /* of durations */
        struct pool *pool; /* one reference, so that nothing else gets an address below */
        struct window_endpoint *endpoints;
        struct window_service *services;
        unsigned endpoint_count, service_count;
    } samples[WINDOW_SAMPLE_COUNT];
    unsigned count; /* samples that there are */
    unsigned first; /* the oldest */
};

/* Keeps the counters as they are; forgets the oldest sample when there is no room. Borrows; `pool`
 * may be NULL. Thread: control, as for all of this module. */
void window_add(struct window *window, uint64_t now_ms, const struct metrics *totals,
                struct pool *pool);

/* Forgets all. */
void window_clear(struct window *window);

/* How far back it reaches; 0: not far enough to say anything. */
uint64_t window_span_ms(const struct window *window, uint64_t now_ms);

/* Requests a second. For a span that is not 0. */
double window_rate(const struct window *window, uint64_t now_ms, const struct metrics *totals);

/* What came since the oldest sample that has it, and how long ago that was. False: not long enough to say anything, or
 * it is in none. */
bool window_endpoint_count(const struct window *window, uint64_t now_ms,
                           const struct endpoint *endpoint, struct window_endpoint *since,
                           uint64_t *span_ms);
bool window_service_count(const struct window *window, uint64_t now_ms,
                          const struct service *service, const struct service_tally *now,
                          struct service_tally *since, uint64_t *span_ms);

/* Requests answered with that status / 100 that ended within the window. */
uint64_t window_class_count(const struct window *window, const struct metrics *totals,
                            unsigned class);

/* Requests by duration that ended within the window; gives how many those are. */
uint64_t window_durations(const struct window *window, const struct metrics *totals,
                          uint64_t buckets[WINDOW_BUCKET_COUNT]);

/* The duration in ns that `percent` of the requests in the buckets did not exceed: interpolated
 * within a bucket, as Prometheus does; the largest bound for what is beyond. 0 without requests. */
double window_quantile_ns(const uint64_t buckets[WINDOW_BUCKET_COUNT], unsigned percent);

#endif
