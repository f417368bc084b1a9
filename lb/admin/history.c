#include "lb/admin/history.h"

#include <math.h>
#include <stdlib.h>

#include "lb/admin/quantile.h"
#include "lb/admin/service_walk.h"
#include "lb/admin/window_service.h"
#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/base/memory.h"

struct history_service {
    struct service *service; /* one reference, so that no other one has its address */
    char *key;               /* it comes back by */
    struct service_tally before;
    uint64_t last_number; /* of the latest sample that had it */
    bool is_late; /* its counts began before it was looked at: that of this sample is not known */
    float lines[HISTORY_LINE_COUNT]
               [HISTORY_SAMPLE_COUNT]; /* sample n at n % their number; NaN: not known */
};

/* ---- services -------------------------------------------------------------------------------- */

static void forget_values(struct history_service *entry)
{
    for (unsigned line = 0; line < HISTORY_LINE_COUNT; line++)
        for (unsigned i = 0; i < HISTORY_SAMPLE_COUNT; i++)
            entry->lines[line][i] = NAN;
}

static void drop(struct history *history, unsigned number)
{
    struct history_service *entry = history->services[number];
    history->services[number] = history->services[--history->count];
    service_unref(entry->service);
    free(entry->key);
    free(entry);
}

static unsigned quietest(const struct history *history)
{
    unsigned found = 0;
    for (unsigned i = 1; i < history->count; i++)
        if (service_tally_sum(history->services[i]->service, &history->services[i]->before) <
            service_tally_sum(history->services[found]->service, &history->services[found]->before))
            found = i;
    return found;
}

/* Whoever has had more in all has the place of who has had least. */
static bool make_room(struct history *history, const struct service *service,
                      const struct service_tally *now)
{
    if (history->count < HISTORY_SERVICE_MAX)
        return true;
    unsigned number = quietest(history);
    const struct history_service *least = history->services[number];
    if (service_tally_sum(service, now) <= service_tally_sum(least->service, &least->before))
        return false;
    drop(history, number);
    return true;
}

static struct history_service *find_by_key(struct history *history, const struct service *service)
{
    struct text key = TEXT_INIT;
    struct history_service *found = NULL;
    service_walk_append_key(service, &key);
    for (unsigned i = 0; i < history->count && !found; i++)
        if (strcmp(history->services[i]->key, text_str(&key)) == 0)
            found = history->services[i];
    text_fini(&key);
    return found;
}

static struct history_service *add(struct history *history, struct service *service, bool is_late)
{
    struct history_service *entry = memory_new(sizeof(*entry));
    struct text key = TEXT_INIT;
    service_walk_append_key(service, &key);
    entry->key = memory_copy(text_str(&key), key.len);
    entry->service = service_ref(service);
    entry->is_late = is_late;
    forget_values(entry);
    history->services[history->count++] = entry;
    text_fini(&key);
    return entry;
}

/* One that went and came back has begun anew, but is the same for people. */
static void begin_anew(struct history_service *entry, struct service *service)
{
    service_ref(service);
    service_unref(entry->service);
    entry->service = service;
    entry->before = (struct service_tally){0};
}

/* NULL: it finds no place. `may_be_late`: it may have been there without one. */
static struct history_service *entry_of(struct history *history, struct service *service,
                                        const struct service_tally *now, bool may_be_late)
{
    for (unsigned i = 0; i < history->count; i++)
        if (history->services[i]->service == service)
            return history->services[i];
    bool is_full = history->count == HISTORY_SERVICE_MAX;
    struct history_service *entry = find_by_key(history, service);
    if (entry)
        begin_anew(entry, service);
    else if (make_room(history, service, now))
        entry = add(history, service, is_full || may_be_late);
    return entry;
}

/* ---- samples --------------------------------------------------------------------------------- */

static float p99_ms_of(const struct service_tally *since)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < SERVICE_TALLY_BUCKETS; i++)
        count += since->durations[i];
    return count == 0 ? NAN
                      : (float)(quantile_ns(since->durations, histogram_bounds_ns(),
                                            HISTOGRAM_BOUND_COUNT, 99) /
                                1e6);
}

static void note(struct history_service *entry, const struct service_tally *now, uint64_t number,
                 uint64_t span_ms)
{
    struct service_tally since = window_service_since(&entry->before, now);
    unsigned at = (unsigned)(number % HISTORY_SAMPLE_COUNT);
    bool is_http = entry->service->kind == SERVICE_HTTP;
    bool is_known = span_ms > 0 && !entry->is_late;
    double rate = (double)service_tally_sum(entry->service, &since) * 1e3,
           failed = (double)(is_http ? since.answers[5] : since.failed_count) * 1e3;
    entry->lines[HISTORY_RATE][at] = is_known ? (float)(rate / (double)span_ms) : NAN;
    entry->lines[HISTORY_RATE_5XX][at] = is_known ? (float)(failed / (double)span_ms) : NAN;
    entry->lines[HISTORY_P99_MS][at] = is_known ? p99_ms_of(&since) : NAN;
    entry->before = *now;
    entry->is_late = false;
    entry->last_number = number;
}

/* Of those that there are no more. */
static void pass_over(struct history *history)
{
    unsigned at = (unsigned)(history->number % HISTORY_SAMPLE_COUNT);
    for (unsigned i = history->count; i > 0; i--) {
        struct history_service *entry = history->services[i - 1];
        if (entry->last_number == history->number)
            continue;
        for (unsigned line = 0; line < HISTORY_LINE_COUNT; line++)
            entry->lines[line][at] = NAN;
        if (entry->last_number + HISTORY_SAMPLE_COUNT <= history->number)
            drop(history, i - 1);
    }
}

void history_take(struct history *history, const struct pool *pool, uint64_t now_ms)
{
    struct service_walk walk = {.pool = pool};
    struct service_seen seen;
    uint64_t span_ms = now_ms - history->sample_ms;
    bool were_more = history->more_count > 0; /* and one of them may find a place now */
    history->number++;
    history->more_count = 0;
    while (service_walk_next(&walk, &seen)) {
        struct service_tally now = service_tally_of(seen.service);
        struct history_service *entry = entry_of(history, seen.service, &now, were_more);
        if (entry)
            note(entry, &now, history->number, span_ms);
        else
            history->more_count++;
    }
    pass_over(history);
    history->sample_ms = now_ms;
    history->sample_ns = clock_wall_ns();
}

static void on_uv_step(uv_timer_t *step)
{
    struct history *history = list_entry(step, struct history, step);
    history_take(history, history->pool(history->owner), loop_now_ms(history->loop));
    if (history->on_step)
        history->on_step(history->owner);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static const char *const line_words[] = {
    [HISTORY_RATE] = "rate", [HISTORY_RATE_5XX] = "rate_5xx", [HISTORY_P99_MS] = "p99_ms"};

/* Oldest first. */
static void write_line(const struct history *history, const struct history_service *entry,
                       enum history_line line, struct json_writer *json)
{
    json_writer_begin_array(json);
    for (unsigned i = 1; i <= HISTORY_SAMPLE_COUNT; i++)
        json_writer_rounded(
            json, (double)entry->lines[line][(history->number + i) % HISTORY_SAMPLE_COUNT]);
    json_writer_end_array(json);
}

static void write_changes(const struct recent *recent, struct json_writer *json)
{
    uint64_t last = recent->last_number;
    json_writer_begin_array(json);
    for (uint64_t n = last > RECENT_COUNT ? last - RECENT_COUNT + 1 : 1; n <= last; n++)
        recent_write(recent_at(recent, n), json);
    json_writer_end_array(json);
}

void history_write(const struct history *history, const struct recent *recent, struct text *out)
{
    struct json_writer json;
    char time[CLOCK_TEXT_BYTES];
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "step_ms", HISTORY_STEP_MS);
    json_writer_field_uint(&json, "number", history->number);
    json_writer_field_str(&json, "time",
                          history->number > 0 ? clock_format(history->sample_ns, time) : NULL);
    json_writer_key(&json, "services");
    json_writer_begin_object(&json);
    for (unsigned i = 0; i < history->count; i++) {
        json_writer_key(&json, history->services[i]->key);
        json_writer_begin_object(&json);
        for (unsigned line = 0; line < HISTORY_LINE_COUNT; line++) {
            json_writer_key(&json, line_words[line]);
            write_line(history, history->services[i], (enum history_line)line, &json);
        }
        json_writer_end_object(&json);
    }
    json_writer_end_object(&json);
    json_writer_field_uint(&json, "service_more", history->more_count);
    json_writer_key(&json, "changes");
    write_changes(recent, &json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}

void history_look(const struct history *history, struct live_differ *differ)
{
    unsigned at = (unsigned)(history->number % HISTORY_SAMPLE_COUNT);
    struct json_writer *json = live_differ_value(differ);
    json_writer_begin_object(json);
    json_writer_field_uint(json, "number", history->number);
    json_writer_end_object(json);
    live_differ_put(differ, "history");
    for (unsigned i = 0; i < history->count; i++) {
        json = live_differ_value(differ);
        json_writer_begin_object(json);
        for (unsigned line = 0; line < HISTORY_LINE_COUNT; line++) {
            json_writer_key(json, line_words[line]);
            json_writer_rounded(json, (double)history->services[i]->lines[line][at]);
        }
        json_writer_end_object(json);
        live_differ_put_entry(differ, "sample", history->services[i]->key);
    }
    live_differ_end_map(differ, "sample");
}

/* ---- beginning and end ----------------------------------------------------------------------- */

void history_init(struct history *history, struct loop *loop,
                  const struct pool *(*pool)(const void *owner), void (*on_step)(void *owner),
                  void *owner)
{
    *history = (struct history){.loop = loop, .pool = pool, .on_step = on_step, .owner = owner};
    history->sample_ms = loop_now_ms(loop);
    uv_timer_init(&loop->uv, &history->step);
    uv_timer_start(&history->step, on_uv_step, HISTORY_STEP_MS, HISTORY_STEP_MS);
}

void history_close(struct history *history)
{
    if (uv_is_closing((uv_handle_t *)&history->step))
        return;
    while (history->count > 0)
        drop(history, 0);
    uv_close((uv_handle_t *)&history->step, NULL);
}
