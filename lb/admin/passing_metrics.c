#include "lb/admin/passing_metrics.h"

#include <stdlib.h>

#include "lb/base/memory.h"

struct row {
    const char *service;
    struct passing sum; /* of all workers */
};

struct table {
    struct row *rows;
    unsigned count;
};

/* One with one value for each service. */
struct family {
    const char *name;
    const char *type;
    const char *help;
    size_t offset; /* in struct passing; of a histogram or a counter64 */
};

struct families {
    const struct family *simple; /* ends with a NULL name */
    struct family ends;
    struct family durations;
};

/* ---- services --------------------------------------------------------------------------------- */

static void add(struct table *table, const struct service *service)
{
    struct row *row = &table->rows[table->count++];
    row->service = service->name;
    service_count_passing(service, &row->sum);
}

/* Those with endpoints, then those that a listener leads to all the same. */
static struct table make_table(const struct pool *pool, enum service_kind kind)
{
    const struct listener_table *listeners = pool->listeners.table;
    unsigned target_count = listeners ? listener_table_service_count(listeners) : 0;
    struct table table = {0};
    table.rows = memory_new((pool->service_count + target_count + 1) * sizeof(*table.rows));
    for (unsigned i = 0; i < pool->service_count; i++)
        if (pool->services[i].kind == kind)
            add(&table, pool->services[i].kept);
    for (unsigned i = 0; i < target_count; i++) {
        const struct routes_target *target = &pool->listeners.targets[i];
        if (target->service->kind == kind && !target->listed)
            add(&table, target->service);
    }
    return table;
}

/* Connections that no rule led to a service, and datagrams: these have begun no flow. */
static void add_unrouted(struct table *table, enum service_kind kind,
                         const struct passing *unrouted)
{
    bool is_tcp = kind == SERVICE_TCP;
    const counter64 *said = is_tcp ? &unrouted->count : &unrouted->lost_datagram_count;
    if (counter_get(said) == 0)
        return;
    struct row *row = &table->rows[table->count++];
    row->service = "";
    if (is_tcp)
        passing_merge(&row->sum, unrouted);
    else
        counter_add(&row->sum.lost_datagram_count, counter_get(said));
}

/* ---- families --------------------------------------------------------------------------------- */

static const void *value_of(const struct row *row, const struct family *family)
{
    return (const char *)&row->sum + family->offset;
}

static void write_simple(const struct table *table, const struct family *family,
                         struct prometheus_text *writer)
{
    prometheus_text_family(writer, family->name, family->type, family->help);
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        prometheus_text_uint(writer, PROMETHEUS_LABELS({"service", row->service}),
                             counter_get(value_of(row, family)));
}

/* Only what has happened gets a series. */
static void write_ends(const struct table *table, const struct family *family,
                       struct prometheus_text *writer)
{
    prometheus_text_family(writer, family->name, family->type, family->help);
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        for (unsigned i = 0; i < ERR_COUNT; i++)
            if (counter_get(&row->sum.ends[i]) > 0)
                prometheus_text_uint(
                    writer,
                    PROMETHEUS_LABELS({"service", row->service}, {"end", err_word((enum err)i)}),
                    counter_get(&row->sum.ends[i]));
}

static void write_durations(const struct table *table, const struct family *family,
                            struct prometheus_text *writer)
{
    prometheus_text_family(writer, family->name, family->type, family->help);
    for (const struct row *row = table->rows; row < table->rows + table->count; row++)
        prometheus_text_histogram(writer, PROMETHEUS_LABELS({"service", row->service}),
                                  value_of(row, family));
}

static void write_kind(const struct pool *pool, enum service_kind kind,
                       const struct passing *unrouted, const struct families *families,
                       struct prometheus_text *writer)
{
    struct table table = make_table(pool, kind);
    add_unrouted(&table, kind, unrouted);
    for (const struct family *family = families->simple; family->name && table.count > 0; family++)
        write_simple(&table, family, writer);
    if (table.count > 0) {
        write_ends(&table, &families->ends, writer);
        write_durations(&table, &families->durations, writer);
    }
    free(table.rows);
}

#define OF(field) offsetof(struct passing, field)

static const struct family tcp_simple[] = {
    {"lb_tcp_connections_total", "counter",
     "Connections that came to a TCP listener, once a backend has them or they have ended. Without "
     "service: no rule led to one.",
     OF(count)},
    {"lb_tcp_open_connections", "gauge", "Of them, those that are open.", OF(open_count)},
    {"lb_tcp_client_bytes_total", "counter", "Bytes that came from clients and were passed on.",
     OF(client_bytes)},
    {"lb_tcp_server_bytes_total", "counter", "Bytes that came from backends and were passed on.",
     OF(server_bytes)},
    {.name = NULL},
};

static const struct family udp_simple[] = {
    {"lb_udp_flows_total", "counter", "Flows that a datagram of a client has begun.", OF(count)},
    {"lb_udp_open_flows", "gauge", "Of them, those that there are.", OF(open_count)},
    {"lb_udp_client_bytes_total", "counter", "Bytes that came from clients and were passed on.",
     OF(client_bytes)},
    {"lb_udp_server_bytes_total", "counter", "Bytes that came from backends and were passed on.",
     OF(server_bytes)},
    {"lb_udp_client_datagrams_total", "counter",
     "Datagrams that came from clients and were passed on.", OF(client_datagram_count)},
    {"lb_udp_server_datagrams_total", "counter",
     "Datagrams that came from backends and were passed on.", OF(server_datagram_count)},
    {"lb_udp_lost_datagrams_total", "counter",
     "Datagrams, either way, that nobody could be sent: no backend, no room, or it is away.",
     OF(lost_datagram_count)},
    {.name = NULL},
};

static const struct families tcp = {
    .simple = tcp_simple,
    .ends = {"lb_tcp_connection_ends_total", "counter",
             "Connections by how they ended, in the access log's words.", OF(ends)},
    .durations = {"lb_tcp_connection_duration_seconds", "histogram",
                  "From a client's connect to the end of its connection.", OF(durations)},
};

static const struct families udp = {
    .simple = udp_simple,
    .ends = {"lb_udp_flow_ends_total", "counter",
             "Flows by how they ended, in the access log's words; idle is the usual one.",
             OF(ends)},
    .durations = {"lb_udp_flow_duration_seconds", "histogram",
                  "From the first datagram of a flow until it was forgotten.", OF(durations)},
};

void passing_metrics_write(const struct pool *pool, const struct passing *unrouted,
                           struct prometheus_text *writer)
{
    if (!pool)
        return;
    write_kind(pool, SERVICE_TCP, unrouted, &tcp, writer);
    write_kind(pool, SERVICE_UDP, unrouted, &udp, writer);
}
