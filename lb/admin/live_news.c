#include "lb/admin/live_news.h"

#include <inttypes.h>
#include <stdio.h>

#include "lb/base/clock.h"

/* ---- changes --------------------------------------------------------------------------------- */

/* One that was told once stays as it was. */
static void look_at_changes(const struct live_frame *frame, const struct recent *recent)
{
    uint64_t last = recent->last_number;
    for (uint64_t n = last > RECENT_COUNT ? last - RECENT_COUNT + 1 : 1; n <= last; n++) {
        char key[24];
        snprintf(key, sizeof(key), "%" PRIu64, n);
        if (live_differ_keep_entry(frame->differ, "changes", key))
            continue;
        recent_write(recent_at(recent, n), live_differ_value(frame->differ));
        live_differ_put_entry(frame->differ, "changes", key);
    }
    live_differ_end_map(frame->differ, "changes");
}

/* ---- left out -------------------------------------------------------------------------------- */

static void write_sentence(const struct explain_subject *subject, struct json_writer *json)
{
    struct text sentence = TEXT_INIT;
    text_append_str(&sentence, subject->why);
    if (subject->remark)
        text_appendf(&sentence, ". Note: %s", subject->remark);
    json_writer_field_str(json, "sentence", text_str(&sentence));
    text_fini(&sentence);
}

static void put_left_out(void *out, const struct explain_subject *subject)
{
    const struct live_frame *frame = out;
    struct json_writer *json = live_differ_value(frame->differ);
    char since[CLOCK_TEXT_BYTES];
    json_writer_begin_object(json);
    json_writer_field_str(json, "id", subject->container);
    json_writer_field_str(json, "name", subject->name);
    json_writer_field_str(json, "service", subject->service);
    json_writer_field_str(json, "reason", subject->word);
    write_sentence(subject, json);
    json_writer_field_str(json, "remedy", subject->remedy);
    if (subject->since_ns)
        json_writer_field_str(json, "since", clock_format(subject->since_ns, since));
    json_writer_end_object(json);
    live_differ_put_entry(frame->differ, "left_out", subject->id ? subject->id : subject->name);
}

static bool is_another_world(struct live_news *news, const struct pool_page *page)
{
    struct live_news now = {.pool_version = page->pool ? page->pool->version : 0,
                            .line_count = page->membership->line_count,
                            .is_told = true};
    bool is_another = !news->is_told || news->pool_version != now.pool_version ||
                      news->line_count != now.line_count;
    *news = now;
    return is_another;
}

static void look_at_left_out(const struct live_frame *frame)
{
    struct explain explain = {.pool = frame->page->pool,
                              .membership = frame->page->membership,
                              .now_ms = frame->page->now_ms,
                              .listeners = frame->page->listeners};
    struct explain_walk walk = {.explain = &explain,
                                .is_of_left_out = true,
                                .limit = LIVE_NEWS_LEFT_OUT_MAX,
                                .write = put_left_out,
                                .out = (void *)(uintptr_t)frame};
    unsigned count = explain_walk_run(&walk);
    live_differ_end_map(frame->differ, "left_out");
    json_writer_uint(live_differ_value(frame->differ), count);
    live_differ_put(frame->differ, "left_out_count");
}

void live_news_look(struct live_news *news, const struct live_frame *frame,
                    const struct recent *recent)
{
    look_at_changes(frame, recent);
    if (is_another_world(news, frame->page))
        look_at_left_out(frame);
}
