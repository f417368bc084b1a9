#include "lb/admin/live_services.h"

#include "lb/admin/local_share.h"
#include "lb/admin/service_reach.h"
#include "lb/admin/service_standing.h"
#include "lb/admin/service_walk.h"
#include "lb/admin/service_words.h"

/* ---- what it is ------------------------------------------------------------------------------ */

static void write_states(const struct pool_service *listed, struct json_writer *json)
{
    unsigned counts[ENDPOINT_STATE_COUNT] = {0};
    for (unsigned i = 0; listed && i < listed->endpoint_count; i++)
        counts[endpoint_state(listed->endpoints[i])]++;
    json_writer_key(json, "states");
    json_writer_begin_object(json);
    for (unsigned i = 0; i < ENDPOINT_STATE_COUNT; i++)
        if (counts[i] > 0)
            json_writer_field_uint(json, endpoint_state_word((enum endpoint_state)i), counts[i]);
    json_writer_end_object(json);
}

/* Where nothing leads to it, nobody of it gets requests. */
static void write_endpoints(const struct pool_service *listed, bool is_unrouted,
                            struct json_writer *json)
{
    unsigned ready = 0, usable = 0;
    for (unsigned i = 0; listed && i < listed->endpoint_count; i++) {
        ready += endpoint_is_usable(listed->endpoints[i]);
        usable += !is_unrouted && pool_may_use(listed, listed->endpoints[i]);
    }
    json_writer_field_uint(json, "ready", ready);
    json_writer_field_uint(json, "usable", usable);
    json_writer_field_uint(json, "endpoint_count", listed ? listed->endpoint_count : 0);
    write_states(listed, json);
    json_writer_field_bool(json, "panic", listed && listed->is_panicking);
}

static void write_service(const struct live_frame *frame, const struct service_seen *seen,
                          struct json_writer *json)
{
    const struct service *service = seen->service;
    const struct pool_wanted *wanted = &frame->page->membership->wanted;
    bool is_unrouted = seen->listed && service_reach_is_none(frame->page->pool, seen->listed);
    json_writer_begin_object(json);
    json_writer_field_str(json, "name", service->name);
    json_writer_field_str(json, "kind", service_kind_word(service->kind));
    if (seen->is_default)
        json_writer_field_bool(json, "default", true);
    if (is_unrouted)
        json_writer_field_bool(json, "unrouted", true);
    write_endpoints(seen->listed, is_unrouted, json);
    if (seen->listed)
        local_share_write(seen->listed, json);
    service_words_write(wanted, service->name, json);
    service_standing_write(wanted, service->name, frame->page->now_ms, json);
    json_writer_end_object(json);
}

/* ---- what it does ---------------------------------------------------------------------------- */

static void write_quantiles(const struct service_tally *since, struct json_writer *json)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < SERVICE_TALLY_BUCKETS; i++)
        count += since->durations[i];
    live_frame_number(json, "p50_ms", window_quantile_ns(since->durations, 50) / 1e6, count > 0);
    live_frame_number(json, "p99_ms", window_quantile_ns(since->durations, 99) / 1e6, count > 0);
}

static uint64_t count_running(const struct pool_service *listed)
{
    uint64_t count = 0;
    for (unsigned i = 0; listed && i < listed->endpoint_count; i++)
        count += endpoint_inflight_count(listed->endpoints[i]);
    return count;
}

static void write_requests(const struct service_seen *seen, const struct service_tally *since,
                           uint64_t span_ms, struct json_writer *json)
{
    uint64_t count = service_tally_sum(seen->service, since);
    bool is_known = span_ms > 0;
    live_frame_number(json, "rate", live_frame_rate(count, span_ms), is_known);
    live_frame_number(json, "rate_4xx", live_frame_rate(since->answers[4], span_ms), is_known);
    live_frame_number(json, "rate_5xx", live_frame_rate(since->answers[5], span_ms), is_known);
    live_frame_number(json, "percent_5xx", live_frame_percent(since->answers[5], count), is_known);
    write_quantiles(since, json);
    json_writer_field_uint(json, "inflight", count_running(seen->listed));
    json_writer_field_uint(json, "waiting", atomic_load(&seen->service->waiting_count));
    live_frame_number(json, "retry_rate", live_frame_rate(since->retry_count, span_ms), is_known);
}

static void write_passing(const struct service_seen *seen, const struct service_tally *since,
                          uint64_t span_ms, struct json_writer *json)
{
    bool is_known = span_ms > 0;
    json_writer_field_uint(json, "open", since->open_count);
    live_frame_number(json, "rate", live_frame_rate(since->count, span_ms), is_known);
    live_frame_number(json, "client_bytes_rate", live_frame_rate(since->client_bytes, span_ms),
                      is_known);
    live_frame_number(json, "server_bytes_rate", live_frame_rate(since->server_bytes, span_ms),
                      is_known);
    live_frame_number(json, "failed_rate", live_frame_rate(since->failed_count, span_ms), is_known);
    json_writer_field_uint(json, "waiting", atomic_load(&seen->service->waiting_count));
    pool_page_write_passing(seen->service, json);
}

static void write_numbers(const struct live_frame *frame, const struct service_seen *seen,
                          struct json_writer *json)
{
    struct service_tally now = service_tally_of(seen->service), since = {0};
    uint64_t span_ms = 0;
    if (!window_service_count(frame->window, frame->page->now_ms, seen->service, &now, &since,
                              &span_ms)) {
        since = (struct service_tally){.open_count = now.open_count};
        span_ms = 0;
    }
    json_writer_begin_object(json);
    if (seen->service->kind == SERVICE_HTTP)
        write_requests(seen, &since, span_ms, json);
    else
        write_passing(seen, &since, span_ms, json);
    json_writer_end_object(json);
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* A map is told as a whole, so each of the two has its own pass. */
static unsigned look(const struct live_frame *frame, const char *section,
                     void (*write)(const struct live_frame *, const struct service_seen *,
                                   struct json_writer *))
{
    struct service_walk walk = {.pool = frame->page->pool};
    struct service_seen seen;
    struct text key = TEXT_INIT;
    unsigned count = 0;
    while (service_walk_next(&walk, &seen)) {
        if (count++ >= WINDOW_SERVICE_MAX)
            continue;
        text_clear(&key);
        service_walk_append_key(seen.service, &key);
        write(frame, &seen, live_differ_value(frame->differ));
        live_differ_put_entry(frame->differ, section, text_str(&key));
    }
    live_differ_end_map(frame->differ, section);
    text_fini(&key);
    return count;
}

void live_services_look(const struct live_frame *frame)
{
    unsigned count = look(frame, "services", write_service);
    look(frame, "service_numbers", write_numbers);
    json_writer_uint(live_differ_value(frame->differ),
                     count > WINDOW_SERVICE_MAX ? count - WINDOW_SERVICE_MAX : 0);
    live_differ_put(frame->differ, "service_more");
}
