#include "lb/admin/window_endpoint.h"

#include <stdlib.h>

#include "lb/admin/quantile.h"
#include "lb/base/memory.h"

struct window_endpoint window_endpoint_of(const struct endpoint *endpoint)
{
    struct endpoint_sums sums = {0};
    struct window_endpoint now = {.endpoint = endpoint};
    endpoint_add_to(endpoint, &sums);
    for (unsigned i = 0; i < 6; i++)
        now.count += (uint32_t)sums.answers[i];
    if (endpoint->protocol == PROTOCOL_TCP || endpoint->protocol == PROTOCOL_UDP)
        now.count = (uint32_t)sums.connect_count;
    now.answers_4xx = (uint32_t)sums.answers[4];
    now.answers_5xx = (uint32_t)sums.answers[5];
    for (unsigned i = 0; i < WINDOW_ENDPOINT_BUCKETS; i++)
        now.buckets[i] = (uint32_t)counter_get(&sums.durations.buckets[i]);
    return now;
}

struct window_endpoint window_endpoint_since(const struct window_endpoint *before,
                                             const struct window_endpoint *now)
{
    struct window_endpoint since = {.endpoint = now->endpoint,
                                    .count = now->count - before->count,
                                    .answers_4xx = now->answers_4xx - before->answers_4xx,
                                    .answers_5xx = now->answers_5xx - before->answers_5xx};
    for (unsigned i = 0; i < WINDOW_ENDPOINT_BUCKETS; i++)
        since.buckets[i] = now->buckets[i] - before->buckets[i];
    return since;
}

static int compare(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct window_endpoint *)a)->endpoint;
    uintptr_t y = (uintptr_t)((const struct window_endpoint *)b)->endpoint;
    return (x > y) - (x < y);
}

struct window_endpoint *window_endpoint_list(const struct pool *pool, unsigned *count)
{
    unsigned total = 0;
    *count = 0;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        total += pool->services[i].endpoint_count;
    if (total == 0)
        return NULL;
    if (total > WINDOW_ENDPOINT_MAX)
        total = WINDOW_ENDPOINT_MAX;
    struct window_endpoint *list = memory_new(total * sizeof(*list));
    for (unsigned i = 0; i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count && *count < total; j++)
            list[(*count)++] = window_endpoint_of(pool->services[i].endpoints[j]);
    qsort(list, *count, sizeof(*list), compare);
    return list;
}

const struct window_endpoint *window_endpoint_find(const struct window_endpoint *list,
                                                   unsigned count, const struct endpoint *endpoint)
{
    struct window_endpoint key = {.endpoint = endpoint};
    return count > 0 ? bsearch(&key, list, count, sizeof(key), compare) : NULL;
}

double window_endpoint_quantile_ns(const struct window_endpoint *since, unsigned percent)
{
    uint64_t buckets[WINDOW_ENDPOINT_BUCKETS];
    for (unsigned i = 0; i < WINDOW_ENDPOINT_BUCKETS; i++)
        buckets[i] = since->buckets[i];
    return quantile_ns(buckets, coarse_histogram_bounds_ns(), COARSE_HISTOGRAM_BOUND_COUNT,
                       percent);
}
