#include "lb/admin/window.h"

#include <stdlib.h>

#include "lb/base/memory.h"

static const struct window_sample *oldest(const struct window *window)
{
    return &window->samples[window->first];
}

/* ---- samples --------------------------------------------------------------------------------- */

static int compare_counts(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct window_count *)a)->endpoint;
    uintptr_t y = (uintptr_t)((const struct window_count *)b)->endpoint;
    return (x > y) - (x < y);
}

static void count_endpoints(struct window_sample *sample)
{
    const struct pool *pool = sample->pool;
    unsigned total = 0;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        total += pool->services[i].endpoint_count;
    if (total == 0)
        return;
    sample->counts = memory_new(total * sizeof(*sample->counts));
    for (unsigned i = 0; i < pool->service_count; i++) {
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++) {
            const struct endpoint *endpoint = pool->services[i].endpoints[j];
            sample->counts[sample->count_count++] =
                (struct window_count){endpoint, endpoint_request_count(endpoint)};
        }
    }
    qsort(sample->counts, sample->count_count, sizeof(*sample->counts), compare_counts);
}

static void forget_oldest(struct window *window)
{
    struct window_sample *sample = &window->samples[window->first];
    pool_unref(sample->pool);
    free(sample->counts);
    *sample = (struct window_sample){0};
    window->first = (window->first + 1) % WINDOW_SAMPLE_COUNT;
    window->count--;
}

void window_add(struct window *window, uint64_t now_ms, const struct metrics *totals,
                struct pool *pool)
{
    if (window->count == WINDOW_SAMPLE_COUNT)
        forget_oldest(window);
    struct window_sample *sample =
        &window->samples[(window->first + window->count++) % WINDOW_SAMPLE_COUNT];
    *sample = (struct window_sample){.time_ms = now_ms, .pool = pool ? pool_ref(pool) : NULL};
    for (unsigned i = 0; i < 6; i++)
        sample->requests_by_class[i] = counter_get(&totals->requests_by_class[i]);
    for (unsigned i = 0; i < WINDOW_BUCKET_COUNT; i++)
        sample->buckets[i] = counter_get(&totals->durations[i]);
    count_endpoints(sample);
}

void window_clear(struct window *window)
{
    while (window->count > 0)
        forget_oldest(window);
}

/* ---- rates ----------------------------------------------------------------------------------- */

uint64_t window_span_ms(const struct window *window, uint64_t now_ms)
{
    if (window->count == 0 || now_ms < oldest(window)->time_ms + WINDOW_SHORTEST_MS)
        return 0;
    return now_ms - oldest(window)->time_ms;
}

static double rate_of(const struct window *window, uint64_t now_ms, uint64_t count)
{
    return (double)count * 1000 / (double)window_span_ms(window, now_ms);
}

uint64_t window_class_count(const struct window *window, const struct metrics *totals,
                            unsigned class)
{
    uint64_t now = counter_get(&totals->requests_by_class[class]);
    return window->count > 0 ? now - oldest(window)->requests_by_class[class] : 0;
}

double window_rate(const struct window *window, uint64_t now_ms, const struct metrics *totals)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < 6; i++)
        count += window_class_count(window, totals, i);
    return rate_of(window, now_ms, count);
}

double window_endpoint_rate(const struct window *window, uint64_t now_ms,
                            const struct endpoint *endpoint)
{
    const struct window_sample *sample = oldest(window);
    struct window_count key = {.endpoint = endpoint};
    const struct window_count *found =
        sample->count_count > 0
            ? bsearch(&key, sample->counts, sample->count_count, sizeof(key), compare_counts)
            : NULL;
    uint64_t before = found ? found->request_count : 0;
    return rate_of(window, now_ms, endpoint_request_count(endpoint) - before);
}

/* ---- durations ------------------------------------------------------------------------------- */

uint64_t window_durations(const struct window *window, const struct metrics *totals,
                          uint64_t buckets[WINDOW_BUCKET_COUNT])
{
    uint64_t count = 0;
    for (unsigned i = 0; i < WINDOW_BUCKET_COUNT; i++) {
        uint64_t now = counter_get(&totals->durations[i]);
        uint64_t before = window->count > 0 ? oldest(window)->buckets[i] : now;
        buckets[i] = now - before;
        count += buckets[i];
    }
    return count;
}

double window_quantile_ns(const uint64_t buckets[WINDOW_BUCKET_COUNT], unsigned percent)
{
    const uint64_t *bounds_ns = histogram_bounds_ns();
    uint64_t total = 0;
    for (unsigned i = 0; i < WINDOW_BUCKET_COUNT; i++)
        total += buckets[i];
    double left = (double)total * percent / 100;
    for (unsigned i = 0; total > 0 && i < HISTOGRAM_BOUND_COUNT; i++) {
        double in_bucket = (double)buckets[i];
        double from = i > 0 ? (double)bounds_ns[i - 1] : 0;
        if (buckets[i] > 0 && left <= in_bucket)
            return from + ((double)bounds_ns[i] - from) * left / in_bucket;
        left -= in_bucket;
    }
    return total > 0 ? (double)bounds_ns[HISTOGRAM_BOUND_COUNT - 1] : 0;
}
