#include "lb/pool/service_tally.h"

static void add_traffic(struct service_tally *tally, const struct traffic *traffic)
{
    for (unsigned i = 0; i < TRAFFIC_PAIR_COUNT; i++) {
        uint64_t pair = counter_get(&traffic->pairs[i]);
        if (pair > 0)
            tally->answers[traffic_class(traffic_status_of(pair))] += traffic_count_of(pair);
    }
    for (unsigned i = 0; i < 6; i++)
        tally->answers[i] += counter_get(&traffic->others[i]);
    for (unsigned i = 0; i < SERVICE_TALLY_BUCKETS; i++)
        tally->durations[i] += counter_get(&traffic->durations.buckets[i]);
    tally->retry_count += counter_get(&traffic->retry_count);
}

static void add_passing(struct service_tally *tally, const struct passing *passing)
{
    tally->count += counter_get(&passing->count);
    tally->open_count += counter_get(&passing->open_count);
    tally->client_bytes += counter_get(&passing->client_bytes);
    tally->server_bytes += counter_get(&passing->server_bytes);
    for (unsigned i = ERR_OK + 1; i < ERR_COUNT; i++)
        if (err_status((enum err)i) >= 500)
            tally->failed_count += counter_get(&passing->ends[i]);
}

struct service_tally service_tally_of(const struct service *service)
{
    struct service_tally tally = {0};
    for (unsigned i = 0; i < service->worker_count; i++) {
        if (!service_of(&service->locals[i]))
            continue;
        add_traffic(&tally, &service->locals[i].traffic);
        if (service->passings)
            add_passing(&tally, &service->passings[i]);
    }
    return tally;
}

uint64_t service_tally_sum(const struct service *service, const struct service_tally *tally)
{
    uint64_t sum = 0;
    if (service->kind != SERVICE_HTTP)
        return tally->count;
    for (unsigned i = 0; i < 6; i++)
        sum += tally->answers[i];
    return sum;
}
