#include "lb/admin/endpoint_metrics.h"

#include <stdlib.h>

#include "lb/admin/protocol_label.h"
#include "lb/base/memory.h"

struct row {
    const char *service;
    struct prometheus_label protocol; /* of a service of TCP or UDP; ends a list of labels else */
    const struct endpoint *endpoint;
    uint64_t is_ready;
    uint64_t limit; /* 0: none */
    uint64_t weight;
    uint64_t ejected_count;
    struct endpoint_sums sums;
};

struct table {
    struct row *rows;
    unsigned count;
};

/* One for each, also of those that share a name: a sum of several would go down when one goes, and
 * a counter must not. */
static void add_service(struct table *table, const struct pool_service *service)
{
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        struct row *row = &table->rows[table->count++];
        row->service = service->name;
        row->protocol = protocol_label(service->kind);
        row->endpoint = service->endpoints[i];
        row->is_ready = endpoint_is_usable(row->endpoint);
        row->limit = atomic_load_explicit(&row->endpoint->max_inflight, memory_order_relaxed);
        row->weight = endpoint_weight(row->endpoint);
        row->ejected_count = row->endpoint->ejected_count;
        endpoint_add_to(row->endpoint, &row->sums);
    }
}

static struct table make_table(const struct pool *pool)
{
    struct table table = {0};
    unsigned count = 0;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        count += pool->services[i].endpoint_count;
    table.rows = memory_new(count * sizeof(*table.rows));
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        add_service(&table, &pool->services[i]);
    return table;
}

/* Of a service that has none, though something leads to it, only that none is ready. */
static void write_none(const struct routes_target *target, struct prometheus_text *writer)
{
    const struct service *service = target->service;
    if (!service || service->name[0] == '\0' || target->listed)
        return;
    prometheus_text_uint(writer,
                         PROMETHEUS_LABELS({"service", service->name},
                                           {"state", endpoint_state_word(ENDPOINT_READY)},
                                           protocol_label(service->kind)),
                         0);
}

/* Each service is the target of routes once, and the default one may be one of these. */
static void write_unpeopled(const struct pool *pool, struct prometheus_text *writer)
{
    const struct listener_table *listeners = pool->listeners.table;
    const struct routes *routes = &pool->routes;
    unsigned route_count = routes->table ? routes->table->service_count : 0;
    unsigned listener_count = listeners ? listener_table_service_count(listeners) : 0;
    bool is_default_told = routes->unrouted != ERR_OK; /* nothing leads to it */
    for (unsigned i = 0; i < route_count; i++) {
        write_none(&routes->targets[i], writer);
        is_default_told |= routes->targets[i].service == routes->otherwise.service;
    }
    for (unsigned i = 0; i < listener_count; i++)
        write_none(&pool->listeners.targets[i], writer);
    if (!is_default_told)
        write_none(&routes->otherwise, writer);
}

static void write_states(const struct pool *pool, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_endpoints", "gauge",
                           "Endpoints by state; of a service without any, that none is ready.");
    for (unsigned i = 0; pool && i < pool->service_count; i++) {
        const struct pool_service *service = &pool->services[i];
        unsigned counts[ENDPOINT_STATE_COUNT] = {0};
        for (unsigned j = 0; j < service->endpoint_count; j++)
            counts[endpoint_state(service->endpoints[j])]++;
        for (unsigned j = 0; j < ENDPOINT_STATE_COUNT; j++)
            if (j != ENDPOINT_GONE)
                prometheus_text_uint(
                    writer,
                    PROMETHEUS_LABELS({"service", service->name},
                                      {"state", endpoint_state_word((enum endpoint_state)j)},
                                      protocol_label(service->kind)),
                    counts[j]);
    }
    if (pool)
        write_unpeopled(pool, writer);
}

static void write_waiting(const struct pool *pool, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_service_queued_requests", "gauge",
                           "Requests that wait as all backends of the service are at their limit.");
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        if (pool->services[i].kind != SERVICE_UDP)
            prometheus_text_uint(writer,
                                 PROMETHEUS_LABELS({"service", pool->services[i].name},
                                                   protocol_label(pool->services[i].kind)),
                                 atomic_load(&pool->services[i].kept->waiting_count));
}

/* `label` is one more of its own, or NULL. */
static void write_sample(struct prometheus_text *writer, const struct row *row, const char *label,
                         const char *value, uint64_t count)
{
    const struct prometheus_label more = {label, value}, none = {NULL, NULL};
    prometheus_text_uint(writer,
                         PROMETHEUS_LABELS({"service", row->service}, {"name", row->endpoint->name},
                                           {"id", row->endpoint->id}, label ? more : row->protocol,
                                           label ? row->protocol : none),
                         count);
}

static void write_answers(const struct table *table, struct prometheus_text *writer)
{
    static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
    prometheus_text_family(writer, "lb_endpoint_requests_total", "counter",
                           "Requests that the endpoint answered, by class of the status.");
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        for (unsigned class = 1; class < 6 && !row->protocol.name; class ++)
            write_sample(writer, row, "code", classes[class], row->sums.answers[class]);
}

static void write_failures(const struct table *table, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_endpoint_failures_total", "counter",
                           "Attempts that failed by the endpoint's fault.");
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        for (unsigned i = 0; i < ENDPOINT_FAILURE_COUNT; i++)
            write_sample(writer, row, "reason", err_word((enum err)(ENDPOINT_FAILURE_FIRST + i)),
                         row->sums.failures[i]);
}

/* A family with one sample for each row, the uint64_t at that offset. */
static void write_family(const struct table *table, struct prometheus_text *writer,
                         const char *name, const char *type, const char *help, size_t offset)
{
    prometheus_text_family(writer, name, type, help);
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        write_sample(writer, row, NULL, NULL,
                     *(const uint64_t *)(const void *)((const char *)row + offset));
}

static void write_connects(const struct table *table, struct prometheus_text *writer)
{
    write_family(table, writer, "lb_endpoint_connects_total", "counter",
                 "Connections made to the endpoint.", offsetof(struct row, sums.connect_count));
    prometheus_text_family(writer, "lb_endpoint_connect_seconds_total", "counter",
                           "Time that these connections took to be made, in all.");
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        prometheus_text_seconds(writer,
                                PROMETHEUS_LABELS({"service", row->service},
                                                  {"name", row->endpoint->name},
                                                  {"id", row->endpoint->id}, row->protocol),
                                row->sums.connect_ns);
}

static bool has_durations(const struct row *row)
{
    return !row->protocol.name;
}

/* Each has as many series as everything else of an endpoint together, so not all of very many have them. */
static void write_durations(const struct table *table, struct prometheus_text *writer)
{
    uint64_t count = 0;
    prometheus_text_family(
        writer, "lb_endpoint_request_duration_seconds", "histogram",
        "From the beginning of the attempt that the endpoint answered to the end of its answer.");
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        if (has_durations(row) && count++ < ENDPOINT_METRICS_DURATIONS_MAX)
            prometheus_text_coarse(writer,
                                   PROMETHEUS_LABELS({"service", row->service},
                                                     {"name", row->endpoint->name},
                                                     {"id", row->endpoint->id}),
                                   &row->sums.durations);
    prometheus_text_family(writer, "lb_endpoint_durations_omitted", "gauge",
                           "Endpoints without lb_endpoint_request_duration_seconds, as there are "
                           "too many.");
    prometheus_text_uint(
        writer, NULL,
        count > ENDPOINT_METRICS_DURATIONS_MAX ? count - ENDPOINT_METRICS_DURATIONS_MAX : 0);
}

void endpoint_metrics_write(const struct pool *pool, struct prometheus_text *writer)
{
    struct table table = make_table(pool);
    write_states(pool, writer);
    write_family(&table, writer, "lb_endpoint_ready", "gauge",
                 "Whether the endpoint gets requests.", offsetof(struct row, is_ready));
    write_family(&table, writer, "lb_endpoint_requests_in_flight", "gauge",
                 "Requests, tunnels and connections that the endpoint is working on.",
                 offsetof(struct row, sums.inflight_count));
    write_family(&table, writer, "lb_endpoint_max_requests_in_flight", "gauge",
                 "How many it gets at a time; 0: there is no limit.", offsetof(struct row, limit));
    write_family(&table, writer, "lb_endpoint_weight", "gauge",
                 "Its share of requests, beside those of the others.",
                 offsetof(struct row, weight));
    write_waiting(pool, writer);
    write_answers(&table, writer);
    write_durations(&table, writer);
    write_failures(&table, writer);
    write_family(&table, writer, "lb_endpoint_retries_total", "counter",
                 "Attempts at the endpoint that another attempt followed.",
                 offsetof(struct row, sums.retry_count));
    write_family(&table, writer, "lb_endpoint_ejections_total", "counter",
                 "Times the endpoint was taken out because requests failed on it.",
                 offsetof(struct row, ejected_count));
    write_connects(&table, writer);
    free(table.rows);
}
