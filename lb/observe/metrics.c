#include "lb/observe/metrics.h"

#include <assert.h>
#include <stddef.h>

void metrics_observe(struct metrics *metrics, const struct record *record)
{
    unsigned class = record->status / 100;
    assert(class < 6);
    metrics_add(&metrics->requests_by_class[class], 1);
    metrics_add(&metrics->ends[record->end], 1);
    if (record->attempt_count > 1)
        metrics_add(&metrics->retry_count, record->attempt_count - 1);
    if (record->request_body_bytes > 0)
        metrics_add(&metrics->request_body_bytes, record->request_body_bytes);
    metrics_add(&metrics->response_body_bytes, record->response_body_bytes);
}

void metrics_merge(struct metrics *sum, const struct metrics *from)
{
    const metrics_counter *source = (const metrics_counter *)from;
    metrics_counter *target = (metrics_counter *)sum;
    for (size_t i = 0; i < sizeof(*from) / sizeof(*source); i++)
        metrics_add(&target[i], metrics_get(&source[i]));
}
