#include "lb/admin/endpoint_metrics.h"

#include <stdlib.h>

#include "lb/base/memory.h"

/* All endpoints of one name: Docker's names are unique, those in a file need not be. */
struct row {
    const char *service;
    const char *name;
    uint64_t ready_count;
    struct endpoint_sums sums;
};

struct table {
    struct row *rows;
    unsigned count;
};

static void add_service(struct table *table, const struct pool_service *service)
{
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        const struct endpoint *endpoint = service->endpoints[i];
        bool is_same = i > 0 && strcmp(endpoint->name, service->endpoints[i - 1]->name) == 0;
        struct row *row = &table->rows[is_same ? table->count - 1 : table->count];
        table->count += !is_same;
        row->service = service->name;
        row->name = endpoint->name;
        row->ready_count += endpoint_is_usable(endpoint);
        endpoint_add_to(endpoint, &row->sums);
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

static void write_states(const struct pool *pool, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_endpoints", "gauge", "Endpoints by state.");
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
                                      {"state", endpoint_state_word((enum endpoint_state)j)}),
                    counts[j]);
    }
}

static void write_answers(const struct table *table, struct prometheus_text *writer)
{
    static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
    prometheus_text_family(writer, "lb_endpoint_requests_total", "counter",
                           "Requests that the container answered, by class of the status.");
    for (unsigned i = 0; i < table->count; i++)
        for (unsigned class = 1; class < 6; class ++)
            prometheus_text_uint(writer,
                                 PROMETHEUS_LABELS({"service", table->rows[i].service},
                                                   {"name", table->rows[i].name},
                                                   {"code", classes[class]}),
                                 table->rows[i].sums.answers[class]);
}

static void write_failures(const struct table *table, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_endpoint_failures_total", "counter",
                           "Attempts that failed by the container's fault.");
    for (unsigned i = 0; i < table->count; i++)
        for (unsigned j = 0; j < ENDPOINT_FAILURE_COUNT; j++)
            prometheus_text_uint(
                writer,
                PROMETHEUS_LABELS({"service", table->rows[i].service},
                                  {"name", table->rows[i].name},
                                  {"reason", err_word((enum err)(ENDPOINT_FAILURE_FIRST + j))}),
                table->rows[i].sums.failures[j]);
}

/* A gauge with one sample for each row, the uint64_t at that offset. */
static void write_gauge(const struct table *table, struct prometheus_text *writer, const char *name,
                        const char *help, size_t offset)
{
    prometheus_text_family(writer, name, "gauge", help);
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        prometheus_text_uint(writer,
                             PROMETHEUS_LABELS({"service", row->service}, {"name", row->name}),
                             *(const uint64_t *)(const void *)((const char *)row + offset));
}

static void write_connects(const struct table *table, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_endpoint_connects_total", "counter",
                           "Connections made to the container.");
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        prometheus_text_uint(writer,
                             PROMETHEUS_LABELS({"service", row->service}, {"name", row->name}),
                             row->sums.connect_count);
    prometheus_text_family(writer, "lb_endpoint_connect_seconds_total", "counter",
                           "Time that these connections took to be made, in all.");
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        prometheus_text_seconds(writer,
                                PROMETHEUS_LABELS({"service", row->service}, {"name", row->name}),
                                row->sums.connect_ns);
}

void endpoint_metrics_write(const struct pool *pool, struct prometheus_text *writer)
{
    struct table table = make_table(pool);
    write_states(pool, writer);
    write_gauge(&table, writer, "lb_endpoint_ready",
                "Whether the container gets requests (of containers of one name: how many).",
                offsetof(struct row, ready_count));
    write_gauge(&table, writer, "lb_endpoint_requests_in_flight",
                "Requests and tunnels that the container is working on.",
                offsetof(struct row, sums.inflight_count));
    write_answers(&table, writer);
    write_failures(&table, writer);
    write_connects(&table, writer);
    free(table.rows);
}
