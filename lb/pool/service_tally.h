/* The few counts of a service that people watch, of all workers: cheap enough to be asked of all services
 * again and again. They only grow, but for `open_count`; a service that comes back begins anew. */
#ifndef LB_POOL_SERVICE_TALLY_H
#define LB_POOL_SERVICE_TALLY_H

#include "lb/pool/service.h"

#define SERVICE_TALLY_BUCKETS (HISTOGRAM_BOUND_COUNT + 1)

struct service_tally {
    uint64_t answers[6];                       /* requests that ended, by status / 100 */
    uint64_t durations[SERVICE_TALLY_BUCKETS]; /* of them, without tunnels, as in a histogram */
    uint64_t retry_count;
    /* of a TCP or UDP service */
    uint64_t count; /* connections or flows that were begun */
    uint64_t open_count;
    uint64_t failed_count; /* of them, by lb or its backends */
    uint64_t client_bytes;
    uint64_t server_bytes;
};

/* Thread: any. */
struct service_tally service_tally_of(const struct service *service);

/* Requests in all, or connections, or flows. */
uint64_t service_tally_sum(const struct service *service, const struct service_tally *tally);

#endif
