#include "lb/admin/service_metrics.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/admin/protocol_label.h"
#include "lb/base/memory.h"

#define KIND_BIT(kind) (1u << (kind))

#define HTTP_ONLY    KIND_BIT(SERVICE_HTTP)
#define HTTP_AND_TCP (KIND_BIT(SERVICE_HTTP) | KIND_BIT(SERVICE_TCP))
#define ALL_KINDS    (HTTP_AND_TCP | KIND_BIT(SERVICE_UDP))

struct row {
    const char *service;
    enum service_kind kind;
    struct traffic sum; /* of all workers */
};

/* What "/" leads to, then the others, those of TCP and UDP too, then the requests of none. */
struct table {
    struct row *rows;
    unsigned count; /* without the last */
};

static struct table make_table(const struct service_metrics *metrics)
{
    const struct pool *pool = metrics->pool;
    const struct service *routed = pool ? routes_service(&pool->routes) : NULL;
    struct table table = {.count = 1};
    table.rows = memory_new(((pool ? pool->service_count : 0) + 2) * sizeof(*table.rows));
    table.rows[0].service = metrics->routed;
    if (routed)
        service_count(routed, &table.rows[0].sum);
    for (unsigned i = 0; pool && i < pool->service_count; i++) {
        struct row *row = &table.rows[table.count];
        row->service = pool->services[i].name;
        row->kind = pool->services[i].kind;
        if (pool->services[i].kept != routed && service_count(pool->services[i].kept, &row->sum))
            table.count++;
    }
    table.rows[table.count] = (struct row){.service = "", .sum = metrics->unrouted};
    return table;
}

/* ---- requests -------------------------------------------------------------------------------- */

static void write_count(struct prometheus_text *writer, const char *service, const char *method,
                        const char *code, uint64_t count)
{
    if (count > 0)
        prometheus_text_uint(
            writer, PROMETHEUS_LABELS({"service", service}, {"method", method}, {"code", code}),
            count);
}

static int compare_pairs(const void *left, const void *right)
{
    uint64_t x = counter_get(left), y = counter_get(right);
    return (x > y) - (x < y);
}

/* Only what has happened gets a series, in the order of methods and codes. */
static void write_requests_of(struct prometheus_text *writer, const struct row *row)
{
    static const char *const classes[6] = {"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};
    struct traffic sorted = row->sum;
    qsort(sorted.pairs, TRAFFIC_PAIR_COUNT, sizeof(sorted.pairs[0]), compare_pairs);
    for (unsigned i = 0; i < TRAFFIC_PAIR_COUNT; i++) {
        uint64_t pair = counter_get(&sorted.pairs[i]);
        char code[16];
        snprintf(code, sizeof(code), "%u", traffic_status_of(pair));
        write_count(writer, row->service, traffic_method_word(traffic_method_of(pair)), code,
                    traffic_count_of(pair));
    }
    for (unsigned i = 0; i < 6; i++)
        write_count(writer, row->service, traffic_method_word(TRAFFIC_OTHER), classes[i],
                    counter_get(&sorted.others[i]));
}

static void write_requests(const struct table *table, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_requests_total", "counter",
                           "Requests and tunnels that have ended. Code 0: no answer was sent. "
                           "Without service: refused before one was chosen.");
    for (unsigned i = 0; i <= table->count; i++)
        if (table->rows[i].kind == SERVICE_HTTP)
            write_requests_of(writer, &table->rows[i]);
}

/* How the requests of each ended: only what has happened gets a series. */
static void write_ends(const struct table *table, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_service_request_ends_total", "counter",
                           "Requests and tunnels of a service by how they ended, in the access "
                           "log's words.");
    for (const struct row *row = table->rows; row <= table->rows + table->count; row++)
        for (unsigned i = 0; i < ERR_COUNT; i++)
            if (row->kind == SERVICE_HTTP && counter_get(&row->sum.ends[i]) > 0)
                prometheus_text_uint(
                    writer,
                    PROMETHEUS_LABELS({"service", row->service}, {"end", err_word((enum err)i)}),
                    counter_get(&row->sum.ends[i]));
}

/* ---- all that has one number or one histogram for each service ------------------------------- */

struct family {
    const char *name;
    const char *help;
    size_t offset;  /* in struct traffic */
    unsigned kinds; /* KIND_BIT of those that have it */
};

/* The next row behind `row` that has the family, or the first where that is NULL; NULL: there is none. */
static const struct row *next_row(const struct table *table, const struct row *row, unsigned kinds)
{
    for (row = row ? row + 1 : table->rows; row < table->rows + table->count; row++)
        if (kinds & KIND_BIT(row->kind))
            return row;
    return NULL;
}

static const void *counter_of(const struct row *row, const struct family *family)
{
    return (const char *)&row->sum + family->offset;
}

static void write_histograms(const struct table *table, struct prometheus_text *writer,
                             const struct family *family)
{
    prometheus_text_family(writer, family->name, "histogram", family->help);
    for (const struct row *row = NULL; (row = next_row(table, row, family->kinds));)
        prometheus_text_histogram(
            writer, PROMETHEUS_LABELS({"service", row->service}, protocol_label(row->kind)),
            counter_of(row, family));
}

static void write_durations(const struct table *table, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_request_duration_seconds", "histogram",
                           "From the request's head to the end of the answer, without tunnels.");
    for (const struct row *row = NULL; (row = next_row(table, row, HTTP_ONLY));)
        prometheus_text_traced(writer, PROMETHEUS_LABELS({"service", row->service}),
                               &row->sum.durations, &row->sum.exemplars);
}

static void write_queues(const struct table *table, struct prometheus_text *writer)
{
    prometheus_text_family(
        writer, "lb_service_queue_duration_seconds", "histogram",
        "How long requests waited for a backend at its limit, of those that had to.");
    for (const struct row *row = NULL; (row = next_row(table, row, HTTP_AND_TCP));)
        prometheus_text_coarse(
            writer, PROMETHEUS_LABELS({"service", row->service}, protocol_label(row->kind)),
            &row->sum.queues);
}

static void write_counters(const struct table *table, struct prometheus_text *writer,
                           const char *type, const struct family *family)
{
    prometheus_text_family(writer, family->name, type, family->help);
    for (const struct row *row = NULL; (row = next_row(table, row, family->kinds));)
        prometheus_text_uint(
            writer, PROMETHEUS_LABELS({"service", row->service}, protocol_label(row->kind)),
            counter_get(counter_of(row, family)));
}

static void write_mirrored(const struct table *table, struct prometheus_text *writer)
{
    static const char *const classes[6] = {"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};
    prometheus_text_family(writer, "lb_mirror_answers_total", "counter",
                           "Answers to copies of requests, which nobody gets.");
    for (const struct row *row = NULL; (row = next_row(table, row, HTTP_ONLY));)
        for (unsigned i = 2; i < 6 && counter_get(&row->sum.mirror_sent_count) > 0; i++)
            prometheus_text_uint(writer,
                                 PROMETHEUS_LABELS({"service", row->service}, {"code", classes[i]}),
                                 counter_get(&row->sum.mirror_answers[i]));
}

static void write_failures(const struct table *table, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_upstream_failures_total", "counter",
                           "Attempts that failed by a backend's fault, whether retried or not.");
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        for (unsigned i = 0; i < TRAFFIC_FAILURE_COUNT; i++)
            prometheus_text_uint(
                writer,
                PROMETHEUS_LABELS({"service", row->service},
                                  {"reason", err_word((enum err)(TRAFFIC_FAILURE_FIRST + i))},
                                  protocol_label(row->kind)),
                counter_get(&row->sum.failures[i]));
}

void service_metrics_write(const struct service_metrics *metrics, struct prometheus_text *writer)
{
    static const struct family histograms[] = {
        {"lb_hold_duration_seconds",
         "How long requests waited for a backend to come, of those that had to.",
         offsetof(struct traffic, holds), HTTP_AND_TCP},
        {"lb_upstream_connect_duration_seconds", "Connecting to a backend, where it succeeded.",
         offsetof(struct traffic, connects), HTTP_AND_TCP},
    };
    static const struct family counters[] = {
        {"lb_service_request_body_bytes_total", "Bytes of bodies from clients, tunnels included.",
         offsetof(struct traffic, request_body_bytes), HTTP_ONLY},
        {"lb_service_response_body_bytes_total", "Bytes of bodies to clients, tunnels included.",
         offsetof(struct traffic, response_body_bytes), HTTP_ONLY},
        {"lb_mirror_requests_total", "Copies of requests that were sent to the service.",
         offsetof(struct traffic, mirror_sent_count), HTTP_ONLY},
        {"lb_mirror_failures_total", "Copies that got no whole answer.",
         offsetof(struct traffic, mirror_failed_count), HTTP_ONLY},
        {"lb_mirror_skipped_total",
         "Copies that were not sent: nobody was there, or too many were under way.",
         offsetof(struct traffic, mirror_skipped_count), HTTP_ONLY},
        {"lb_upstream_requests_total",
         "Attempts to have a request answered by a backend, retries included.",
         offsetof(struct traffic, attempt_count), HTTP_ONLY},
        {"lb_upstream_retries_total", "Attempts after the first one of their request.",
         offsetof(struct traffic, retry_count), HTTP_AND_TCP},
        {"lb_upstream_retries_denied_total", "Retries that the retry budget did not allow.",
         offsetof(struct traffic, retry_denied_count), HTTP_AND_TCP},
        {"lb_sticky_misses_total",
         "Requests with a cookie of lb's that led to nobody who could be asked.",
         offsetof(struct traffic, sticky_miss_count), HTTP_ONLY},
        {"lb_upstream_connects_total", "Connections to backends that were begun.",
         offsetof(struct traffic, connect_count), HTTP_AND_TCP},
        {"lb_upstream_reuses_total",
         "Requests whose last attempt used a connection that was there already.",
         offsetof(struct traffic, reuse_count), HTTP_ONLY},
    };
    static const struct family open = {"lb_upstream_connections",
                                       "Connections to backends that are open, idle ones included.",
                                       offsetof(struct traffic, open_count), HTTP_AND_TCP};
    struct table table = make_table(metrics);
    write_requests(&table, writer);
    write_ends(&table, writer);
    write_durations(&table, writer);
    write_queues(&table, writer);
    for (size_t i = 0; i < sizeof(histograms) / sizeof(histograms[0]); i++)
        write_histograms(&table, writer, &histograms[i]);
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        write_counters(&table, writer, "counter", &counters[i]);
    write_counters(&table, writer, "gauge", &open);
    write_failures(&table, writer);
    write_mirrored(&table, writer);
    free(table.rows);
}
