#include "lb/admin/window.h"

#include <stdlib.h>

#include "lb/admin/quantile.h"

static const struct window_sample *oldest(const struct window *window)
{
    return &window->samples[window->first];
}

/* ---- samples --------------------------------------------------------------------------------- */

static void forget_oldest(struct window *window)
{
    struct window_sample *sample = &window->samples[window->first];
    pool_unref(sample->pool);
    free(sample->endpoints);
    free(sample->services);
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
    sample->endpoints = window_endpoint_list(pool, &sample->endpoint_count);
    sample->services = window_service_list(pool, &sample->service_count);
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

/* ---- endpoints and services ------------------------------------------------------------------ */

static const struct window_sample *sample_at(const struct window *window, unsigned number)
{
    return &window->samples[(window->first + number) % WINDOW_SAMPLE_COUNT];
}

static bool is_long_enough(const struct window_sample *sample, uint64_t now_ms, uint64_t *span_ms)
{
    *span_ms = now_ms - sample->time_ms;
    return now_ms >= sample->time_ms + WINDOW_SHORTEST_MS;
}

bool window_endpoint_count(const struct window *window, uint64_t now_ms,
                           const struct endpoint *endpoint, struct window_endpoint *since,
                           uint64_t *span_ms)
{
    for (unsigned i = 0; i < window->count; i++) {
        const struct window_sample *sample = sample_at(window, i);
        const struct window_endpoint *before =
            window_endpoint_find(sample->endpoints, sample->endpoint_count, endpoint);
        if (!before)
            continue;
        struct window_endpoint now = window_endpoint_of(endpoint);
        *since = window_endpoint_since(before, &now);
        return is_long_enough(sample, now_ms, span_ms);
    }
    return false;
}

bool window_service_count(const struct window *window, uint64_t now_ms,
                          const struct service *service, const struct service_tally *now,
                          struct service_tally *since, uint64_t *span_ms)
{
    for (unsigned i = 0; i < window->count; i++) {
        const struct window_sample *sample = sample_at(window, i);
        const struct window_service *before =
            window_service_find(sample->services, sample->service_count, service);
        if (!before)
            continue;
        *since = window_service_since(&before->tally, now);
        return is_long_enough(sample, now_ms, span_ms);
    }
    return false;
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
    return quantile_ns(buckets, histogram_bounds_ns(), HISTOGRAM_BOUND_COUNT, percent);
}
