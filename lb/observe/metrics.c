#include "lb/observe/metrics.h"

#include <assert.h>
#include <stddef.h>

#define MS UINT64_C(1000000)

static const uint64_t bounds_ns[METRICS_BOUND_COUNT] = {
    MS / 10,   MS / 4,    MS / 2,    MS,         MS * 5 / 2, MS * 5,
    MS * 10,   MS * 25,   MS * 50,   MS * 100,   MS * 250,   MS * 500,
    MS * 1000, MS * 2500, MS * 5000, MS * 10000, MS * 30000, MS * 60000,
};

static const char *const method_words[METRICS_METHOD_COUNT] = {
#define XX(name) [METRICS_##name] = #name,
    METRICS_METHOD_MAP(XX)
#undef XX
};

const uint64_t *metrics_bounds_ns(void)
{
    return bounds_ns;
}

const char *metrics_method_word(enum metrics_method method)
{
    return method_words[method];
}

void metrics_histogram_observe(struct metrics_histogram *histogram, uint64_t duration_ns)
{
    unsigned i = 0;
    while (i < METRICS_BOUND_COUNT && duration_ns > bounds_ns[i])
        i++;
    metrics_add(&histogram->buckets[i], 1);
    metrics_add(&histogram->sum_ns, duration_ns);
}

/* Methods are case-sensitive (RFC 9110 § 9.1). */
uint64_t metrics_histogram_count(const struct metrics_histogram *histogram)
{
    uint64_t count = 0;
    for (unsigned i = 0; i <= METRICS_BOUND_COUNT; i++)
        count += metrics_get(&histogram->buckets[i]);
    return count;
}

static enum metrics_method method_of(struct view method)
{
    for (unsigned i = 0; i < METRICS_OTHER; i++)
        if (view_eq(method, view_str(method_words[i])))
            return (enum metrics_method)i;
    return METRICS_OTHER;
}

static void count_request(struct metrics_requests *requests, const struct record *record)
{
    unsigned slot = record->status > METRICS_STATUS_MIN ? record->status - METRICS_STATUS_MIN : 0;
    assert(slot < METRICS_STATUS_COUNT);
    metrics_add(&requests->by_status[method_of(record->method)][slot], 1);
    if (!record->is_tunnel)
        metrics_histogram_observe(&requests->durations, record->total_ns);
}

void metrics_observe(struct metrics *metrics, const struct record *record)
{
    unsigned class = record->status < 600 ? record->status / 100 : 5; /* RFC 9110 § 15 */
    count_request(record->service.len > 0 ? &metrics->routed : &metrics->unrouted, record);
    metrics_add(&metrics->requests_by_class[class], 1);
    metrics_add(&metrics->ends[record->end], 1);
    metrics_add(&metrics->attempt_count, record->attempt_count);
    metrics_add(&metrics->reuse_count, record->is_reused);
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
