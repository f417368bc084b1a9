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

uint64_t metrics_histogram_count(const struct metrics_histogram *histogram)
{
    uint64_t count = 0;
    for (unsigned i = 0; i <= METRICS_BOUND_COUNT; i++)
        count += metrics_get(&histogram->buckets[i]);
    return count;
}

/* Methods are case-sensitive (RFC 9110 § 9.1). */
static enum metrics_method method_of(struct view method)
{
    for (unsigned i = 0; i < METRICS_OTHER; i++)
        if (view_eq(method, view_str(method_words[i])))
            return (enum metrics_method)i;
    return METRICS_OTHER;
}

/* ---- by method and status --------------------------------------------------------------------- */

static uint64_t key_of(enum metrics_method method, unsigned status)
{
    return ((uint64_t)method << 10) + status + 1;
}

static unsigned class_of(unsigned status)
{
    return status < 600 ? status / 100 : 5; /* RFC 9110 § 15 */
}

/* The counter of a pair, which gets its place the first time. The key comes first: who reads the
 * count of a pair knows whose it is. */
static metrics_counter *counter_at(struct metrics_requests *requests, uint64_t key)
{
    unsigned i = (unsigned)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40);
    for (unsigned tried = 0; tried < METRICS_PAIR_COUNT; tried++, i++) {
        struct metrics_pair *pair = &requests->pairs[i % METRICS_PAIR_COUNT];
        uint64_t there = metrics_get(&pair->key);
        if (there == 0)
            atomic_store_explicit(&pair->key, key, memory_order_relaxed);
        if (there == key || there == 0)
            return &pair->count;
    }
    return &requests->others[class_of((unsigned)(key & 1023) - 1)];
}

static void count_request(struct metrics_requests *requests, const struct record *record)
{
    assert(record->status < 1000);
    metrics_add(counter_at(requests, key_of(method_of(record->method), record->status)), 1);
    if (!record->is_tunnel)
        metrics_histogram_observe(&requests->durations, record->total_ns);
}

static void merge_counters(metrics_counter *sum, const metrics_counter *from, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*sum); i++)
        metrics_add(&sum[i], metrics_get(&from[i]));
}

static void merge_requests(struct metrics_requests *sum, const struct metrics_requests *from)
{
    for (unsigned i = 0; i < METRICS_PAIR_COUNT; i++) {
        uint64_t key = metrics_get(&from->pairs[i].key);
        if (key > 0)
            metrics_add(counter_at(sum, key), metrics_get(&from->pairs[i].count));
    }
    merge_counters(sum->others, from->others, sizeof(sum->others));
    merge_counters((metrics_counter *)&sum->durations, (const metrics_counter *)&from->durations,
                   sizeof(sum->durations));
}

/* ---- all counters ------------------------------------------------------------------------------ */

void metrics_observe(struct metrics *metrics, const struct record *record)
{
    count_request(record->service.len > 0 ? &metrics->routed : &metrics->unrouted, record);
    metrics_add(&metrics->requests_by_class[class_of(record->status)], 1);
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
    merge_counters((metrics_counter *)sum, (const metrics_counter *)from,
                   offsetof(struct metrics, routed));
    merge_requests(&sum->routed, &from->routed);
    merge_requests(&sum->unrouted, &from->unrouted);
}
