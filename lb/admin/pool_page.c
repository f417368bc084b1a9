#include "lb/admin/pool_page.h"

#include "lb/admin/endpoint_facts.h"
#include "lb/admin/listeners_page.h"
#include "lb/admin/local_share.h"
#include "lb/admin/routes_page.h"
#include "lb/admin/service_standing.h"
#include "lb/admin/service_words.h"
#include "lb/base/clock.h"
#include "lb/contract/key.h"
#include "lb/follow/left_out.h"

static void write_remark(const struct membership *membership, const char *subject,
                         struct json_writer *json)
{
    const char *remark = membership_remark(membership, subject);
    if (remark)
        json_writer_field_str(json, "remark", remark);
}

static void write_time(struct json_writer *json, const char *key, uint64_t wall_ns)
{
    char text[CLOCK_TEXT_BYTES];
    json_writer_field_str(json, key, wall_ns ? clock_format(wall_ns, text) : NULL);
}

/* The clock may have been set back since. */
static void write_age_ms(struct json_writer *json, const char *key, uint64_t wall_ns)
{
    uint64_t now_ns = clock_wall_ns();
    json_writer_key(json, key);
    if (wall_ns)
        json_writer_uint(json, now_ns > wall_ns ? (now_ns - wall_ns) / 1000000u : 0);
    else
        json_writer_null(json);
}

static void write_ends(const struct passing *passing, struct json_writer *json)
{
    json_writer_key(json, "ends");
    json_writer_begin_object(json);
    for (unsigned i = 0; i < ERR_COUNT; i++)
        if (counter_get(&passing->ends[i]) > 0)
            json_writer_field_uint(json, err_word((enum err)i), counter_get(&passing->ends[i]));
    json_writer_end_object(json);
}

/* What went through a service of TCP or UDP. */
void pool_page_write_passing(const struct service *service, struct json_writer *json)
{
    struct passing sum = {0};
    bool is_udp = service->kind == SERVICE_UDP;
    service_count_passing(service, &sum);
    json_writer_field_str(json, "protocol", service_kind_word(service->kind));
    if (is_udp)
        json_writer_key(json, "flows");
    else
        json_writer_key(json, "connections");
    json_writer_begin_object(json);
    json_writer_field_uint(json, "count", counter_get(&sum.count));
    json_writer_field_uint(json, "open", counter_get(&sum.open_count));
    json_writer_field_uint(json, "client_bytes", counter_get(&sum.client_bytes));
    json_writer_field_uint(json, "server_bytes", counter_get(&sum.server_bytes));
    if (is_udp) {
        json_writer_field_uint(json, "client_datagrams", counter_get(&sum.client_datagram_count));
        json_writer_field_uint(json, "server_datagrams", counter_get(&sum.server_datagram_count));
        json_writer_field_uint(json, "lost_datagrams", counter_get(&sum.lost_datagram_count));
    }
    write_ends(&sum, json);
    json_writer_end_object(json);
}

static void write_services(const struct pool_page *page, struct json_writer *json)
{
    json_writer_begin_array(json);
    for (unsigned i = 0; page->pool && i < page->pool->service_count; i++) {
        const struct pool_service *service = &page->pool->services[i];
        unsigned ready = 0;
        json_writer_begin_object(json);
        json_writer_field_str(json, "name", service->name);
        if (service->kind != SERVICE_HTTP)
            pool_page_write_passing(service->kept, json);
        json_writer_key(json, "endpoints");
        json_writer_begin_array(json);
        for (unsigned j = 0; j < service->endpoint_count; j++) {
            ready += endpoint_is_usable(service->endpoints[j]);
            json_writer_begin_object(json);
            endpoint_facts_write(service->endpoints[j], &page->membership->backends, json);
            endpoint_facts_write_counts(service->endpoints[j], page->now_ms, json);
            local_share_write_place(service, service->endpoints[j], json);
            write_remark(page->membership, service->endpoints[j]->container, json);
            json_writer_end_object(json);
        }
        json_writer_end_array(json);
        json_writer_field_uint(json, "ready", ready);
        json_writer_field_uint(json, "waiting", atomic_load(&service->kept->waiting_count));
        json_writer_field_bool(json, "panic", service->is_panicking);
        local_share_write(service, json);
        service_words_write(&page->membership->wanted, service->name, json);
        service_standing_write(&page->membership->wanted, service->name, page->now_ms, json);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

/* Where there are several; else all of it stands beside. */
static void write_sources(const struct sign_of_life *life, struct json_writer *json)
{
    if (life->source_count == 0)
        return;
    json_writer_key(json, "sources");
    json_writer_begin_array(json);
    for (unsigned i = 0; i < life->source_count; i++)
        life_source_write(&life->sources[i], json);
    json_writer_end_array(json);
}

void pool_page_write_discovery(const struct pool_page *page, bool with_age,
                               struct json_writer *json)
{
    const struct membership *membership = page->membership;
    json_writer_begin_object(json);
    json_writer_field_str(json, "source", page->source);
    if (page->discovery_start_count > 0) {
        json_writer_field_uint(json, "starts", page->discovery_start_count);
        json_writer_field_uint(json, "lines", membership->line_count);
        json_writer_field_uint(json, "bad_lines", membership->bad_line_count);
        write_time(json, "last_line", membership->last_line_ns);
        if (with_age)
            write_age_ms(json, "last_line_age_ms", membership->last_line_ns);
        if (membership->life.events) {
            json_writer_field_bool(json, "connected", membership->life.is_connected);
            write_time(json, "last_event", membership->life.last_event_ns);
            write_time(json, "last_sync", membership->life.last_sync_ns);
        }
        obstacle_write(&membership->life.obstacle, json);
        write_sources(&membership->life, json);
        write_remark(membership, KEY_REMARKS_FILE, json);
    }
    json_writer_end_object(json);
}

void pool_page_write_totals(const struct pool_page *page, struct json_writer *json)
{
    static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    const struct metrics *totals = page->totals;
    uint64_t requests = 0;
    json_writer_begin_object(json);
    json_writer_key(json, "by_status");
    json_writer_begin_object(json);
    for (unsigned i = 0; i < 6; i++) {
        requests += counter_get(&totals->requests_by_class[i]);
        json_writer_field_uint(json, classes[i], counter_get(&totals->requests_by_class[i]));
    }
    json_writer_end_object(json);
    json_writer_field_uint(json, "requests", requests);
    json_writer_key(json, "ends");
    json_writer_begin_object(json);
    for (unsigned i = 0; i < ERR_COUNT; i++)
        if (counter_get(&totals->ends[i]) > 0)
            json_writer_field_uint(json, err_word((enum err)i), counter_get(&totals->ends[i]));
    json_writer_end_object(json);
    json_writer_field_uint(json, "retries", counter_get(&totals->retry_count));
    json_writer_field_uint(json, "retries_denied", counter_get(&totals->retry_denied_count));
    json_writer_field_uint(json, "held", counter_get(&totals->held_count));
    json_writer_field_uint(json, "holds", counter_get(&totals->hold_count));
    json_writer_field_uint(json, "queued", counter_get(&totals->queued_count));
    json_writer_field_uint(json, "client_connections", counter_get(&totals->client_open_count));
    json_writer_field_uint(json, "clients_accepted", counter_get(&totals->client_accepted_count));
    json_writer_field_uint(json, "upstream_connects", counter_get(&totals->upstream_connect_count));
    json_writer_field_uint(json, "upstream_tls_handshakes",
                           counter_get(&totals->upstream_tls_count));
    json_writer_field_uint(json, "upstream_tls_failed",
                           counter_get(&totals->upstream_tls_failed_count));
    json_writer_field_uint(json, "request_body_bytes", counter_get(&totals->request_body_bytes));
    json_writer_field_uint(json, "response_body_bytes", counter_get(&totals->response_body_bytes));
    json_writer_end_object(json);
}

void pool_page_write(const struct pool_page *page, struct text *out)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "version", page->pool ? page->pool->version : 0);
    json_writer_field_str(&json, "service", page->membership->service);
    json_writer_field_bool(&json, "shutting_down", page->is_shutting_down);
    json_writer_field_uint(&json, "workers", page->worker_count);
    if (page->process) {
        json_writer_key(&json, "process");
        process_facts_write(page->process, &json);
    }
    json_writer_key(&json, "discovery");
    pool_page_write_discovery(page, true, &json);
    json_writer_key(&json, "services");
    write_services(page, &json);
    json_writer_key(&json, "paused");
    service_standing_write_paused(&page->membership->wanted, page->now_ms, &json);
    json_writer_key(&json, "routes");
    routes_page_write_summary(&(struct explain){.pool = page->pool,
                                                .membership = page->membership,
                                                .now_ms = page->now_ms},
                              &json);
    json_writer_key(&json, "listeners");
    listeners_page_write_list(&(struct explain){.pool = page->pool,
                                                .membership = page->membership,
                                                .listeners = page->listeners},
                              &json);
    json_writer_key(&json, "left_out");
    left_out_write(page->membership, &json);
    json_writer_key(&json, "totals");
    pool_page_write_totals(page, &json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}
