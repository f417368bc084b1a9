#include "lb/proxy/tally.h"

#include <assert.h>

static struct endpoint_local *local_of(const struct env *env, struct endpoint *endpoint)
{
    return &endpoint->locals[env->worker_index];
}

void tally_connect(struct env *env, struct service_local *service, struct endpoint *endpoint,
                   uint64_t connect_ns)
{
    struct endpoint_local *local = local_of(env, endpoint);
    endpoint_count(&local->connect_count, 1);
    endpoint_count(&local->connect_ns, (int64_t)connect_ns);
    histogram_observe(&service->traffic.connects, connect_ns);
}

void tally_failure(struct env *env, struct service_local *service, struct endpoint *endpoint,
                   enum err err)
{
    struct endpoint_local *local = local_of(env, endpoint);
    assert(err >= ENDPOINT_FAILURE_FIRST);
    endpoint_count(&local->failure_count, 1);
    endpoint_count(&local->failures[err - ENDPOINT_FAILURE_FIRST], 1);
    counter_add(&service->traffic.failures[err - TRAFFIC_FAILURE_FIRST], 1);
}

void tally_answer(struct env *env, struct endpoint *endpoint, unsigned status)
{
    struct endpoint_local *local = local_of(env, endpoint);
    unsigned class = status < 600 ? status / 100 : 5; /* RFC 9110 § 15 */
    endpoint_count(&local->answers[class], 1);
}
