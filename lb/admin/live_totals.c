#include "lb/admin/live_totals.h"

/* ---- totals ---------------------------------------------------------------------------------- */

static void write_quantiles(const struct live_frame *frame, struct json_writer *json)
{
    uint64_t buckets[WINDOW_BUCKET_COUNT];
    bool is_any = window_durations(frame->window, frame->page->totals, buckets) > 0;
    live_frame_number(json, "p50_ms", window_quantile_ns(buckets, 50) / 1e6, is_any);
    live_frame_number(json, "p90_ms", window_quantile_ns(buckets, 90) / 1e6, is_any);
    live_frame_number(json, "p99_ms", window_quantile_ns(buckets, 99) / 1e6, is_any);
}

static void write_rates(const struct live_frame *frame, struct json_writer *json)
{
    const struct metrics *totals = frame->page->totals;
    uint64_t answers[6], count = 0;
    bool is_known = frame->span_ms > 0;
    for (unsigned i = 0; i < 6; i++) {
        answers[i] = window_class_count(frame->window, totals, i);
        count += answers[i];
    }
    live_frame_number(json, "window_ms", (double)frame->span_ms, true);
    live_frame_number(json, "rate", live_frame_rate(count, frame->span_ms), is_known);
    live_frame_number(json, "rate_4xx", live_frame_rate(answers[4], frame->span_ms), is_known);
    live_frame_number(json, "rate_5xx", live_frame_rate(answers[5], frame->span_ms), is_known);
    live_frame_number(json, "percent_5xx", live_frame_percent(answers[5], count), is_known);
}

void live_totals_look(const struct live_frame *frame)
{
    const struct metrics *totals = frame->page->totals;
    struct json_writer *json = live_differ_value(frame->differ);
    json_writer_begin_object(json);
    write_rates(frame, json);
    write_quantiles(frame, json);
    json_writer_field_uint(json, "inflight", counter_get(&totals->inflight_count));
    json_writer_field_uint(json, "held", counter_get(&totals->held_count));
    json_writer_field_uint(json, "queued", counter_get(&totals->queued_count));
    json_writer_key(json, "totals");
    pool_page_write_totals(frame->page, json);
    json_writer_end_object(json);
    live_differ_put(frame->differ, "totals");
}

/* ---- saturation ------------------------------------------------------------------------------ */

static void write_part(struct json_writer *json, const char *key, const char *what, uint64_t count,
                       uint64_t max)
{
    json_writer_key(json, key);
    json_writer_begin_object(json);
    json_writer_field_uint(json, what, count);
    json_writer_field_uint(json, "max", max);
    json_writer_end_object(json);
}

static void write_workers(const struct live_totals *before, const struct crew_load *load,
                          uint64_t now_ms, struct json_writer *json)
{
    double span_ms = (double)(now_ms - before->load_ms);
    json_writer_key(json, "workers");
    json_writer_begin_array(json);
    for (unsigned i = 0; i < load->worker_count && i < CREW_LOAD_WORKER_MAX; i++) {
        double used_ns = (double)(load->cpu_ns[i] - before->load.cpu_ns[i]);
        bool is_known = before->load_ms > 0 && span_ms > 0 && before->load.cpu_ns[i] > 0;
        json_writer_begin_object(json);
        double tenths = is_known ? (double)(uint64_t)(used_ns / span_ms / 1e3 + 0.5) : 0;
        live_frame_number(json, "cpu_percent", tenths / 10, is_known);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

void live_totals_look_at_load(struct live_totals *totals, const struct live_frame *frame,
                              struct crew *crew)
{
    struct json_writer *json = live_differ_value(frame->differ);
    struct crew_load load;
    crew_load_ask(crew, &load);
    if (frame->number % LIVE_TOTALS_STATS_EVERY == 0 || totals->load_ms == 0)
        totals->stats = process_stats_read();
    json_writer_begin_object(json);
    write_part(json, "connections", "open", load.client_count, load.client_max);
    write_part(json, "buffers", "bytes", load.buffer_bytes, load.buffer_max_bytes);
    write_part(json, "descriptors", "open", totals->stats.open_fd_count,
               totals->stats.max_fd_count);
    json_writer_field_uint(json, "memory_bytes", totals->stats.resident_bytes);
    write_workers(totals, &load, frame->page->now_ms, json);
    json_writer_end_object(json);
    live_differ_put(frame->differ, "saturation");
    totals->load = load;
    totals->load_ms = frame->page->now_ms;
}
