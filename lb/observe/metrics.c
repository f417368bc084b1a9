#include "lb/observe/metrics.h"

static void observe_duration(struct metrics *metrics, struct traffic *traffic,
                             const struct metrics_request *request)
{
    unsigned bucket = histogram_bucket(request->total_ns);
    counter_add(&metrics->durations[bucket], 1);
    counter_add(&traffic->durations.buckets[bucket], 1);
    counter_add(&traffic->durations.sum_ns, request->total_ns);
    if (request->trace_id.len > 0)
        exemplars_note(&traffic->exemplars, bucket, request->trace_id, request->total_ns,
                       request->wall_ns);
}

void metrics_observe(struct metrics *metrics, struct traffic *traffic,
                     const struct metrics_request *request)
{
    traffic_count(traffic, request->method, request->status);
    if (!request->is_tunnel)
        observe_duration(metrics, traffic, request);
    counter_add(&metrics->requests_by_class[traffic_class(request->status)], 1);
    counter_add(&metrics->ends[request->end], 1);
    counter_add(&traffic->ends[request->end], 1);
    counter_add(&traffic->attempt_count, request->attempt_count);
    counter_add(&traffic->reuse_count, request->is_reused);
    if (request->attempt_count > 1) {
        counter_add(&metrics->retry_count, request->attempt_count - 1);
        counter_add(&traffic->retry_count, request->attempt_count - 1);
    }
    if (request->request_body_bytes > 0) {
        counter_add(&metrics->request_body_bytes, request->request_body_bytes);
        counter_add(&traffic->request_body_bytes, request->request_body_bytes);
    }
    counter_add(&metrics->response_body_bytes, request->response_body_bytes);
    counter_add(&traffic->response_body_bytes, request->response_body_bytes);
}

void metrics_merge(struct metrics *sum, const struct metrics *from)
{
    counter_merge((counter64 *)sum, (const counter64 *)from, sizeof(*sum));
}
