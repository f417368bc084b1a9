#include "lb/back/tally.h"

#include "lb/base/bounds.h"

static struct endpoint_local *local_of(const struct fleet *fleet, struct endpoint *endpoint)
{
    return &endpoint->locals[fleet->worker_index];
}

void tally_connect(struct fleet *fleet, struct service_local *service, struct endpoint *endpoint,
                   uint64_t connect_ns)
{
    struct endpoint_local *local = local_of(fleet, endpoint);
    endpoint_count(&local->connect_count, 1);
    endpoint_count(&local->connect_ns, (int64_t)connect_ns);
    histogram_observe(&service->traffic.connects, connect_ns);
}

void tally_failure(struct fleet *fleet, struct service_local *service, struct endpoint *endpoint,
                   enum err err)
{
    struct endpoint_local *local = local_of(fleet, endpoint);
    bounds_hold(err >= ENDPOINT_FAILURE_FIRST);
    endpoint_count(&local->failure_count, 1);
    endpoint_count(&local->failures[err - ENDPOINT_FAILURE_FIRST], 1);
    counter_add(&service->traffic.failures[err - TRAFFIC_FAILURE_FIRST], 1);
}

void tally_answer(struct fleet *fleet, struct endpoint *endpoint, unsigned status)
{
    struct endpoint_local *local = local_of(fleet, endpoint);
    unsigned class = status < 600 ? status / 100 : 5; /* RFC 9110 § 15 */
    endpoint_count(&local->answers[class], 1);
}

void tally_duration(struct fleet *fleet, struct endpoint *endpoint, uint64_t duration_ns)
{
    coarse_histogram_observe(&local_of(fleet, endpoint)->durations, duration_ns);
}
