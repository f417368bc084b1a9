#include "lb/admin/live_endpoints.h"

#include <stdlib.h>

#include "lb/admin/endpoint_facts.h"
#include "lb/admin/latency_outliers.h"
#include "lb/admin/local_share.h"
#include "lb/admin/service_walk.h"
#include "lb/base/memory.h"
#include "lb/follow/reasons.h"

/* One of a service; the same endpoint may be of several. */
struct told {
    const struct pool_service *service;
    const struct endpoint *endpoint;
    struct window_endpoint since; /* of late; nothing where `span_ms` is 0 */
    uint64_t span_ms;
    double p99_ms;
    bool is_outlier; /* its p99 is far above its siblings' */
};

struct choice {
    struct told *all;
    unsigned count;
    unsigned more; /* that found no room */
};

/* ---- whom it is about ------------------------------------------------------------------------ */

static void choose_where(const struct live_frame *frame, bool is_ready, struct choice *choice)
{
    struct service_walk walk = {.pool = frame->page->pool};
    struct service_seen seen;
    while (service_walk_next(&walk, &seen)) {
        for (unsigned i = 0; seen.listed && i < seen.listed->endpoint_count; i++) {
            const struct endpoint *endpoint = seen.listed->endpoints[i];
            if (endpoint_is_usable(endpoint) != is_ready)
                continue;
            if (choice->count < LIVE_ENDPOINT_MAX)
                choice->all[choice->count++] =
                    (struct told){.service = seen.listed, .endpoint = endpoint};
            else
                choice->more++;
        }
    }
}

/* People look for what is wrong. */
static struct choice choose(const struct live_frame *frame)
{
    struct choice choice = {.all = memory_new(LIVE_ENDPOINT_MAX * sizeof(struct told))};
    choose_where(frame, false, &choice);
    choose_where(frame, true, &choice);
    return choice;
}

static void append_service(const struct told *told, struct text *out)
{
    text_clear(out);
    service_walk_append_key(told->service->kept, out);
}

static void append_key(const struct told *told, struct text *out)
{
    append_service(told, out);
    text_append_char(out, ' ');
    text_append_str(out, told->endpoint->id);
}

/* ---- what it is ------------------------------------------------------------------------------ */

static void write_facts(const struct live_frame *frame, const struct told *told,
                        struct json_writer *json)
{
    struct text service = TEXT_INIT;
    append_service(told, &service);
    json_writer_begin_object(json);
    json_writer_field_str(json, "service", text_str(&service));
    endpoint_facts_write(told->endpoint, &frame->page->membership->backends, json);
    local_share_write_place(told->service, told->endpoint, json);
    if (!endpoint_is_usable(told->endpoint))
        json_writer_field_str(json, "why", reasons_of_endpoint(told->endpoint)->why);
    const char *remark = membership_remark(frame->page->membership, told->endpoint->container);
    if (remark)
        json_writer_field_str(json, "remark", remark);
    json_writer_end_object(json);
    text_fini(&service);
}

/* ---- what it does ---------------------------------------------------------------------------- */

static void write_some(struct json_writer *json, const char *key, double value)
{
    if (value > 0)
        live_frame_number(json, key, value, true);
}

static void write_rates(const struct told *told, struct json_writer *json)
{
    const struct window_endpoint *since = &told->since;
    uint64_t span_ms = told->span_ms;
    live_frame_number(json, "rate", live_frame_rate(since->count, span_ms), true);
    write_some(json, "rate_4xx", live_frame_rate(since->answers_4xx, span_ms));
    write_some(json, "rate_5xx", live_frame_rate(since->answers_5xx, span_ms));
    write_some(json, "percent_5xx", live_frame_percent(since->answers_5xx, since->count));
    write_some(json, "p50_ms", window_endpoint_quantile_ns(since, 50) / 1e6);
    write_some(json, "p99_ms", told->p99_ms);
    if (told->is_outlier)
        json_writer_field_bool(json, "outlier", true);
}

static void write_numbers(const struct live_frame *frame, const struct told *told,
                          struct json_writer *json)
{
    json_writer_begin_object(json);
    if (told->span_ms > 0)
        write_rates(told, json);
    endpoint_facts_write_some_counts(told->endpoint, frame->page->now_ms, json);
    json_writer_end_object(json);
}

/* ---- who is slow ----------------------------------------------------------------------------- */

static void count_one(const struct live_frame *frame, struct told *told)
{
    if (!window_endpoint_count(frame->window, frame->page->now_ms, told->endpoint, &told->since,
                               &told->span_ms))
        told->span_ms = 0;
    else
        told->p99_ms = window_endpoint_quantile_ns(&told->since, 99) / 1e6;
}

static bool is_comparable(const struct told *told)
{
    return told->span_ms > 0 && told->since.count >= LATENCY_OUTLIERS_COUNT_MIN;
}

/* Those from `from` to `to` are of one service. `room` is for as many numbers. */
static void mark_outliers(struct told *from, const struct told *to, double *room)
{
    unsigned count = 0;
    for (const struct told *told = from; told < to; told++)
        if (is_comparable(told))
            room[count++] = told->p99_ms;
    double limit_ms = latency_outliers_limit_ms(room, count);
    for (struct told *told = from; told < to; told++)
        told->is_outlier = is_comparable(told) && told->p99_ms >= limit_ms;
}

/* The ready ones of a service stand side by side. */
static void count_all(const struct live_frame *frame, struct choice *choice)
{
    double *room = memory_new((choice->count + 1) * sizeof(*room));
    struct told *from = choice->all, *end = choice->all + choice->count;
    for (struct told *told = choice->all; told < end; told++)
        count_one(frame, told);
    for (struct told *told = choice->all; told <= end; told++) {
        if (told < end && told->service == from->service)
            continue;
        mark_outliers(from, told, room);
        from = told;
    }
    free(room);
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Of very many only some in each object: each of them every few seconds. */
static bool is_in_turn(const struct live_frame *frame, const struct choice *choice, unsigned number)
{
    unsigned parts = (choice->count + LIVE_ENDPOINT_TURNS - 1) / LIVE_ENDPOINT_TURNS;
    return number % parts == frame->number % parts;
}

static void look_at_facts(const struct live_frame *frame, const struct choice *choice)
{
    struct text key = TEXT_INIT;
    for (unsigned i = 0; i < choice->count; i++) {
        append_key(&choice->all[i], &key);
        write_facts(frame, &choice->all[i], live_differ_value(frame->differ));
        live_differ_put_entry(frame->differ, "endpoints", text_str(&key));
    }
    live_differ_end_map(frame->differ, "endpoints");
    text_fini(&key);
}

static void look_at_numbers(const struct live_frame *frame, const struct choice *choice)
{
    struct text key = TEXT_INIT;
    for (unsigned i = 0; i < choice->count; i++) {
        append_key(&choice->all[i], &key);
        if (!is_in_turn(frame, choice, i) &&
            live_differ_keep_entry(frame->differ, "endpoint_numbers", text_str(&key)))
            continue;
        write_numbers(frame, &choice->all[i], live_differ_value(frame->differ));
        live_differ_put_entry(frame->differ, "endpoint_numbers", text_str(&key));
    }
    live_differ_end_map(frame->differ, "endpoint_numbers");
    text_fini(&key);
}

void live_endpoints_look(const struct live_frame *frame)
{
    struct choice choice = choose(frame);
    count_all(frame, &choice);
    look_at_facts(frame, &choice);
    look_at_numbers(frame, &choice);
    json_writer_uint(live_differ_value(frame->differ), choice.more);
    live_differ_put(frame->differ, "endpoint_more");
    free(choice.all);
}
