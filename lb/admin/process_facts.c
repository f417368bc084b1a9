#include "lb/admin/process_facts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/clock.h"

/* Of another process: each text is to have its end. */
static void close_texts(struct channel_history *history)
{
    history->last_crash[sizeof(history->last_crash) - 1] = '\0';
    for (unsigned i = 0; i < CHANNEL_REASON_MAX; i++)
        history->crashes[i].word[sizeof(history->crashes[i].word) - 1] = '\0';
}

void process_facts_begin(struct process_facts *facts, const struct channel_history *history,
                         const char *jail)
{
    facts->history = *history;
    close_texts(&facts->history);
    facts->started_ns = clock_wall_ns();
    facts->pid = (int)getpid();
    snprintf(facts->jail, sizeof(facts->jail), "%s", jail);
}

static void note_failure(struct process_facts *facts, bool is_upgrade, const char *why)
{
    snprintf(facts->failure, sizeof(facts->failure), "%s", why[0] ? why : "no reason was given");
    facts->is_upgrade_failure = is_upgrade;
    facts->failure_ns = clock_wall_ns();
    facts->failure_count++;
}

/* WELCOME came before the change that made this process serve. */
void process_facts_note_news(struct process_facts *facts, enum channel_news news, const char *why)
{
    switch (news) {
    case CHANNEL_UPGRADED:
        facts->history.upgrade_count++;
        break;
    case CHANNEL_RENEWED:
        facts->history.renewal_count++;
        break;
    case CHANNEL_NOT_UPGRADED:
    case CHANNEL_NOT_RENEWED:
        note_failure(facts, news == CHANNEL_NOT_UPGRADED, why);
        break;
    }
}

/* By a clock that can be set back, too: then it is old enough. */
bool process_facts_is_looping(const struct process_facts *facts, uint64_t now_ns)
{
    return facts->history.is_crash_loop && now_ns >= facts->started_ns &&
           now_ns - facts->started_ns < PROCESS_FACTS_CALM_NS;
}

static bool has_crashed(const struct process_facts *facts)
{
    return facts->history.last_crash_ns > 0;
}

void process_facts_append_loop(const struct process_facts *facts, struct text *out)
{
    const struct channel_history *history = &facts->history;
    char at[CLOCK_TEXT_BYTES];
    text_appendf(out, "lb-proxy has crashed %u times in a row", history->crashes_in_a_row);
    if (has_crashed(facts))
        text_appendf(out, ", the last time by %s at %s", history->last_crash,
                     clock_format(history->last_crash_ns, at));
    text_append_str(out, "; its log says more, and it is ready again when it has lived a minute\n");
}

/* ---- /pool ----------------------------------------------------------------------------------- */

static void write_time(struct json_writer *json, const char *key, uint64_t wall_ns)
{
    char text[CLOCK_TEXT_BYTES];
    json_writer_field_str(json, key, clock_format(wall_ns, text));
}

static void write_crashes(const struct process_facts *facts, struct json_writer *json)
{
    const struct channel_history *history = &facts->history;
    json_writer_key(json, "crashes");
    json_writer_begin_object(json);
    for (unsigned i = 0; i < CHANNEL_REASON_MAX; i++)
        if (history->crashes[i].count > 0)
            json_writer_field_uint(json, history->crashes[i].word, history->crashes[i].count);
    json_writer_end_object(json);
    json_writer_field_bool(json, "crash_loop", process_facts_is_looping(facts, clock_wall_ns()));
    if (!has_crashed(facts))
        return;
    json_writer_field_str(json, "last_crash", history->last_crash);
    write_time(json, "last_crash_at", history->last_crash_ns);
}

static void write_failure(const struct process_facts *facts, struct json_writer *json)
{
    struct text what = TEXT_INIT;
    json_writer_field_uint(json, "failures", facts->failure_count);
    if (facts->failure[0] == '\0')
        return;
    text_appendf(&what, "last %s failed: %s", facts->is_upgrade_failure ? "upgrade" : "renewal",
                 facts->failure);
    json_writer_field_str(json, "last_failure", text_str(&what));
    write_time(json, "last_failure_at", facts->failure_ns);
    text_fini(&what);
}

void process_facts_write(const struct process_facts *facts, struct json_writer *json)
{
    const struct channel_history *history = &facts->history;
    json_writer_begin_object(json);
    json_writer_field_uint(json, "pid", (uint64_t)facts->pid);
    json_writer_field_str(json, "version", LB_VERSION);
    json_writer_field_str(json, "jail", facts->jail);
    if (facts->started_ns > 0)
        write_time(json, "started", facts->started_ns);
    json_writer_field_uint(json, "starts", history->start_count);
    write_crashes(facts, json);
    json_writer_field_uint(json, "lost_requests", history->lost_request_count);
    json_writer_field_uint(json, "upgrades", history->upgrade_count);
    json_writer_field_uint(json, "renewals", history->renewal_count);
    json_writer_field_uint(json, "upgrade_timeout_ms", facts->upgrade_timeout_ms);
    write_failure(facts, json);
    if (report_facts_are_any(&facts->report)) {
        json_writer_key(json, "report");
        report_facts_write(&facts->report, json);
    }
    json_writer_end_object(json);
}

/* ---- /metrics -------------------------------------------------------------------------------- */

static void write_counter(struct prometheus_text *writer, const char *name, const char *help,
                          uint64_t value)
{
    prometheus_text_family(writer, name, "counter", help);
    prometheus_text_uint(writer, NULL, value);
}

static void write_reasons(const struct process_facts *facts, struct prometheus_text *writer)
{
    bool is_any = false;
    for (unsigned i = 0; i < CHANNEL_REASON_MAX; i++)
        is_any = is_any || facts->history.crashes[i].count > 0;
    if (!is_any)
        return;
    prometheus_text_family(writer, "lb_crashes_total", "counter",
                           "Times lb-proxy ended without being told to, by what ended it.");
    for (unsigned i = 0; i < CHANNEL_REASON_MAX; i++)
        if (facts->history.crashes[i].count > 0)
            prometheus_text_uint(writer,
                                 PROMETHEUS_LABELS({"reason", facts->history.crashes[i].word}),
                                 facts->history.crashes[i].count);
}

void process_facts_write_metrics(const struct process_facts *facts, struct prometheus_text *writer)
{
    const struct channel_history *history = &facts->history;
    write_counter(writer, "lb_process_starts_total", "Times lb-proxy was started, since lb was.",
                  history->start_count);
    write_reasons(facts, writer);
    write_counter(writer, "lb_lost_requests_total",
                  "Requests and TCP connections that ran in an lb-proxy when it crashed.",
                  history->lost_request_count);
    write_counter(writer, "lb_upgrades_total", "Times another program took over.",
                  history->upgrade_count);
    write_counter(writer, "lb_renewals_total",
                  "Times another process took over, for settings that a running one cannot take.",
                  history->renewal_count);
    if (report_facts_are_any(&facts->report))
        report_facts_write_metrics(&facts->report, writer);
    if (!has_crashed(facts))
        return;
    prometheus_text_family(writer, "lb_last_crash_timestamp_seconds", "gauge",
                           "When lb-proxy crashed last.");
    prometheus_text_seconds(writer, NULL, history->last_crash_ns);
}
