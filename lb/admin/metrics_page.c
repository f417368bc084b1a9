#include "lb/admin/metrics_page.h"

#include <inttypes.h>
#include <stdio.h>

#include "lb/admin/certificate_metrics.h"
#include "lb/admin/endpoint_metrics.h"
#include "lb/admin/handshake_metrics.h"
#include "lb/admin/local_share.h"
#include "lb/admin/passing_metrics.h"
#include "lb/admin/service_standing.h"
#include "lb/admin/standing_metrics.h"
#include "lb/admin/version.h"
#include "lb/base/clock.h"
#include "lb/net/stream_tls.h"
#include "lb/observe/process_stats.h"

static void write_gauge(struct prometheus_text *writer, const char *name, const char *help,
                        uint64_t value)
{
    prometheus_text_family(writer, name, "gauge", help);
    prometheus_text_uint(writer, NULL, value);
}

static void write_counter(struct prometheus_text *writer, const char *name, const char *help,
                          uint64_t value)
{
    prometheus_text_family(writer, name, "counter", help);
    prometheus_text_uint(writer, NULL, value);
}

static void write_time(struct prometheus_text *writer, const char *name, const char *help,
                       uint64_t wall_ns)
{
    prometheus_text_family(writer, name, "gauge", help);
    prometheus_text_seconds(writer, NULL, wall_ns);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void write_ends(struct prometheus_text *writer, const struct metrics *totals)
{
    prometheus_text_family(writer, "lb_request_ends_total", "counter",
                           "Requests and tunnels by how they ended, in the access log's words.");
    for (unsigned i = 0; i < ERR_COUNT; i++)
        prometheus_text_uint(writer, PROMETHEUS_LABELS({"end", err_word((enum err)i)}),
                             counter_get(&totals->ends[i]));
}

static void write_upstream_tls(struct prometheus_text *writer, const struct metrics *totals)
{
    prometheus_text_family(writer, "lb_upstream_tls_handshakes_total", "counter",
                           "Handshakes with backends by https, and connections that were not "
                           "begun as nobody there could be trusted.");
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"result", "ok"}),
                         counter_get(&totals->upstream_tls_count));
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"result", "failed"}),
                         counter_get(&totals->upstream_tls_failed_count));
    write_counter(writer, "lb_upstream_tls_resumed_total",
                  "Of those that succeeded, those that went on with an earlier session.",
                  counter_get(&totals->upstream_tls_resumed_count));
}

static void write_traffic(struct prometheus_text *writer, const struct metrics *totals)
{
    write_ends(writer, totals);
    write_gauge(writer, "lb_requests_in_flight", "Requests and tunnels that run now.",
                counter_get(&totals->inflight_count));
    write_gauge(writer, "lb_held_requests", "Of them, those that wait for a backend to come.",
                counter_get(&totals->held_count));
    write_counter(writer, "lb_hold_total", "Requests that had to wait for a backend to come.",
                  counter_get(&totals->hold_count));
    write_gauge(writer, "lb_queued_requests",
                "Of them, those that wait as all backends of their service are at their limit.",
                counter_get(&totals->queued_count));
    prometheus_text_family(
        writer, "lb_queue_duration_seconds", "histogram",
        "How long requests waited for a backend at its limit, of those that had to.");
    prometheus_text_histogram(writer, NULL, &totals->queues);
    write_counter(writer, "lb_request_body_bytes_total",
                  "Bytes of bodies from clients, tunnels included.",
                  counter_get(&totals->request_body_bytes));
    write_counter(writer, "lb_response_body_bytes_total",
                  "Bytes of bodies to clients, tunnels included.",
                  counter_get(&totals->response_body_bytes));
    write_gauge(writer, "lb_client_connections", "Connections of clients that are open.",
                counter_get(&totals->client_open_count));
    write_counter(writer, "lb_client_connections_accepted_total", "Connections of clients, ever.",
                  counter_get(&totals->client_accepted_count));
    write_upstream_tls(writer, totals);
}

/* ---- pool and discovery ---------------------------------------------------------------------- */

static void write_pool(struct prometheus_text *writer, const struct publisher *publisher)
{
    uint64_t now_ns = clock_wall_ns();
    bool has_pool = publisher->pool != NULL;
    write_gauge(writer, "lb_pool_version", "Number of the snapshot of the pool in use.",
                has_pool ? publisher->pool->version : 0);
    if (has_pool)
        write_time(writer, "lb_pool_age_seconds", "Time since the pool last changed.",
                   now_ns > publisher->published_ns ? now_ns - publisher->published_ns : 0);
    endpoint_metrics_write(publisher->pool, writer);
    standing_metrics_write(publisher->pool, &publisher->membership, writer);
    local_share_write_metrics(publisher->pool, writer);
    service_standing_write_metrics(&publisher->membership.wanted,
                                   loop_now_ms(publisher->health.options.loop), writer);
    prometheus_text_family(writer, "lb_endpoint_activation_seconds", "histogram",
                           "From Docker's start event of a container to its getting requests; none "
                           "of more than a day.");
    prometheus_text_histogram(writer, NULL, &publisher->activations);
}

static void write_counts(struct prometheus_text *writer, const char *label, const json_t *counts)
{
    const char *word;
    const json_t *count;
    json_object_foreach ((json_t *)(uintptr_t)counts, word, count)
        prometheus_text_uint(writer, PROMETHEUS_LABELS({label, word}),
                             (uint64_t)json_integer_value(count));
}

static void write_sources(struct prometheus_text *writer, const struct sign_of_life *life)
{
    if (life->source_count == 0)
        return;
    prometheus_text_family(writer, "lb_discovery_source_connected", "gauge",
                           "1 while this one of several sources is followed; register: while what "
                           "runs is registered.");
    for (unsigned i = 0; i < life->source_count; i++)
        prometheus_text_uint(writer, PROMETHEUS_LABELS({"source", life->sources[i].word}),
                             life->sources[i].is_connected);
    prometheus_text_family(writer, "lb_discovery_source_last_sync_timestamp_seconds", "gauge",
                           "When this one of several sources was last read in full.");
    for (unsigned i = 0; i < life->source_count; i++)
        if (life->sources[i].last_sync_ns > 0)
            prometheus_text_seconds(writer, PROMETHEUS_LABELS({"source", life->sources[i].word}),
                                    life->sources[i].last_sync_ns);
}

static void write_sign_of_life(struct prometheus_text *writer, const struct sign_of_life *life)
{
    write_gauge(writer, "lb_discovery_connected", "1 while lb-discovery follows its source.",
                life->is_connected);
    write_sources(writer, life);
    prometheus_text_family(writer, "lb_discovery_events_total", "counter",
                           "Events of the source, since lb-discovery was started.");
    write_counts(writer, "action", life->events);
    prometheus_text_family(writer, "lb_discovery_resyncs_total", "counter",
                           "Times the source was read in full, since lb-discovery was started.");
    write_counts(writer, "reason", life->resyncs);
    if (life->last_event_ns > 0)
        write_time(writer, "lb_discovery_last_event_timestamp_seconds",
                   "When the last event happened.", life->last_event_ns);
    if (life->last_sync_ns > 0)
        write_time(writer, "lb_discovery_last_sync_timestamp_seconds",
                   "When the source was last read in full.", life->last_sync_ns);
}

static void write_discovery(struct prometheus_text *writer, const struct metrics_page *page)
{
    const struct membership *membership = &page->publisher->membership;
    if (page->discovery_start_count == 0)
        return;
    write_counter(writer, "lb_discovery_starts_total", "Times lb-discovery was started.",
                  page->discovery_start_count);
    prometheus_text_family(writer, "lb_discovery_lines_total", "counter",
                           "Lines of lb-discovery, without signs of life.");
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"result", "taken"}), membership->line_count);
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"result", "refused"}),
                         membership->bad_line_count);
    if (membership->life.events)
        write_sign_of_life(writer, &membership->life);
}

/* ---- lb itself ------------------------------------------------------------------------------- */

static void write_process(struct prometheus_text *writer)
{
    struct process_stats stats = process_stats_read();
    prometheus_text_family(writer, "process_cpu_seconds_total", "counter",
                           "Processor time used, user and system.");
    prometheus_text_seconds(writer, NULL, stats.cpu_ns);
    write_gauge(writer, "process_start_time_seconds", "When the process began, since 1970.",
                stats.start_wall_s);
    write_gauge(writer, "process_resident_memory_bytes", "Memory in use.", stats.resident_bytes);
    write_gauge(writer, "process_virtual_memory_bytes", "Address space in use.",
                stats.virtual_bytes);
    write_gauge(writer, "process_open_fds", "Open file descriptors.", stats.open_fd_count);
    write_gauge(writer, "process_max_fds", "Limit of open file descriptors.", stats.max_fd_count);
    write_gauge(writer, "process_threads", "Threads.", stats.thread_count);
}

static void write_self(struct prometheus_text *writer, const struct metrics_page *page)
{
    struct version version = version_of_parts();
    prometheus_text_family(writer, "lb_build_info", "gauge", "Always 1; see the labels.");
    prometheus_text_uint(writer,
                         PROMETHEUS_LABELS({"version", version.lb}, {"libuv", version.libuv},
                                           {"llhttp", version.llhttp}, {"jansson", version.jansson},
                                           {"openssl", version.openssl}),
                         1);
    write_gauge(writer, "lb_workers", "Threads that serve requests.",
                page->publisher->audience.worker_count);
    write_counter(writer, "lb_log_dropped_total",
                  "Lines of the access log that were dropped because nobody took them.",
                  page->log_drop_count);
    settings_facts_write_metrics(&page->settings, writer);
    if (page->process)
        process_facts_write_metrics(page->process, writer);
    write_process(writer);
}

/* The names of the nginx exporter that dashboards of old know. lb does not tell reading a request
 * from waiting for one. */
static void write_compatible(struct prometheus_text *writer, const struct metrics *totals)
{
    uint64_t open = counter_get(&totals->client_open_count);
    uint64_t accepted = counter_get(&totals->client_accepted_count);
    uint64_t writing = counter_get(&totals->inflight_count), requests = 0;
    writing = writing < open ? writing : open;
    for (unsigned i = 0; i < 6; i++)
        requests += counter_get(&totals->requests_by_class[i]);
    prometheus_text_family(writer, "nginx_connections_current", "gauge",
                           "Connections of clients, under the name that nginx's exporter has.");
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"state", "active"}), open);
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"state", "reading"}), 0);
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"state", "writing"}), writing);
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"state", "waiting"}), open - writing);
    prometheus_text_family(writer, "nginx_connections_processed_total", "counter",
                           "Connections and requests, under the name that nginx's exporter has.");
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"stage", "accepted"}), accepted);
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"stage", "handled"}), accepted);
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"stage", "any"}), requests);
}

void metrics_page_write(const struct metrics_page *page, struct text *out)
{
    struct prometheus_text writer = {.out = out, .is_open = page->is_open};
    service_metrics_write(&page->services, &writer);
    write_traffic(&writer, page->totals);
    if (page->speaks_tls)
        handshake_metrics_write(&page->totals->handshakes, &writer);
    certificate_metrics_write(page->certificates, &writer);
    if (page->acme_orders)
        certificate_metrics_write_orders(page->acme_orders, &writer);
    passing_metrics_write(page->services.pool, &page->unrouted, &writer);
    write_pool(&writer, page->publisher);
    write_discovery(&writer, page);
    write_self(&writer, page);
    if (page->is_compatible)
        write_compatible(&writer, page->totals);
    prometheus_text_end(&writer);
}
