#include "lb/admin/report_facts.h"

#include <string.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/contract/report.h"

/* As it is now; all 0 where it cannot be read. It is not mapped: whoever writes it could make it shorter. */
static void read_counts(const struct report_facts *facts, struct report_counts *out)
{
    memset(out, 0, sizeof(*out));
    if (facts->counts_fd < 0 ||
        pread(facts->counts_fd, out, sizeof(*out), 0) != (ssize_t)sizeof(*out))
        memset(out, 0, sizeof(*out));
    out->last_error[sizeof(out->last_error) - 1] = '\0';
}

/* What found no room on its way there. */
struct lost {
    uint64_t access, log, incident;
};

static struct lost count_lost(const struct report_facts *facts)
{
    return (struct lost){.access =
                             access_log_dropped_count(facts->access_log, ACCESS_OUTLET_REPORT),
                         .log = log_uncopied_count(),
                         .incident = facts->outbox->dropped_count};
}

/* ---- /process -------------------------------------------------------------------------------- */

static void write_time(struct json_writer *json, const char *key, uint64_t wall_ns)
{
    char text[CLOCK_TEXT_BYTES];
    json_writer_field_str(json, key, clock_format(wall_ns, text));
}

static void write_lost(const struct lost *lost, struct json_writer *json)
{
    json_writer_key(json, "outbox_dropped");
    json_writer_begin_object(json);
    json_writer_field_uint(json, "access", lost->access);
    json_writer_field_uint(json, "log", lost->log);
    json_writer_field_uint(json, "incident", lost->incident);
    json_writer_end_object(json);
}

static void write_gelf(const struct report_counts *counts, struct json_writer *json)
{
    json_writer_key(json, "gelf");
    json_writer_begin_object(json);
    json_writer_field_uint(json, "sent", counts->gelf_sent);
    json_writer_field_uint(json, "sent_bytes", counts->gelf_sent_bytes);
    json_writer_field_uint(json, "waiting", counts->gelf_waiting);
    json_writer_field_uint(json, "dropped_queue", counts->gelf_dropped_queue);
    json_writer_field_uint(json, "dropped_error", counts->gelf_dropped_error);
    json_writer_field_uint(json, "reconnects", counts->gelf_reconnects);
    json_writer_end_object(json);
}

static void write_sentry(const struct report_counts *counts, struct json_writer *json)
{
    json_writer_key(json, "sentry");
    json_writer_begin_object(json);
    json_writer_field_uint(json, "sent", counts->sentry_sent);
    json_writer_field_uint(json, "waiting", counts->sentry_waiting);
    json_writer_field_uint(json, "grouped", counts->sentry_grouped);
    json_writer_field_uint(json, "dropped_queue", counts->sentry_dropped_queue);
    json_writer_field_uint(json, "dropped_rate_limit", counts->sentry_dropped_rate_limit);
    json_writer_field_uint(json, "dropped_error", counts->sentry_dropped_error);
    if (counts->sentry_limited_until_ns > clock_wall_ns())
        write_time(json, "limited_until", counts->sentry_limited_until_ns);
    json_writer_end_object(json);
}

void report_facts_write(const struct report_facts *facts, struct json_writer *json)
{
    struct lost lost = count_lost(facts);
    struct report_counts counts;
    read_counts(facts, &counts);
    json_writer_begin_object(json);
    json_writer_field_uint(json, "starts", counts.start_count);
    write_lost(&lost, json);
    if (facts->has_gelf)
        write_gelf(&counts, json);
    if (facts->has_sentry)
        write_sentry(&counts, json);
    json_writer_field_if_any(json, "last_error", counts.last_error);
    if (counts.last_error_ns > 0)
        write_time(json, "last_error_at", counts.last_error_ns);
    json_writer_end_object(json);
}

/* ---- /metrics -------------------------------------------------------------------------------- */

static void write_outbox(const struct lost *lost, struct prometheus_text *writer)
{
    prometheus_text_family(
        writer, "lb_report_outbox_dropped_total", "counter",
        "What found no room on its way to lb-report: lines of the access log, lines "
        "of the log, incidents and changes.");
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"what", "access"}), lost->access);
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"what", "log"}), lost->log);
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"what", "incident"}), lost->incident);
}

static void write_by(const struct report_facts *facts, struct prometheus_text *writer,
                     uint64_t gelf, uint64_t sentry)
{
    if (facts->has_gelf)
        prometheus_text_uint(writer, PROMETHEUS_LABELS({"by", "gelf"}), gelf);
    if (facts->has_sentry)
        prometheus_text_uint(writer, PROMETHEUS_LABELS({"by", "sentry"}), sentry);
}

static void write_dropped(struct prometheus_text *writer, const char *by, const char *reason,
                          uint64_t count)
{
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"by", by}, {"reason", reason}), count);
}

static void write_all_dropped(const struct report_facts *facts, const struct report_counts *counts,
                              struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_report_dropped_total", "counter",
                           "Messages that lb-report could not deliver, by what kept it from that.");
    if (facts->has_gelf) {
        write_dropped(writer, "gelf", "queue", counts->gelf_dropped_queue);
        write_dropped(writer, "gelf", "error", counts->gelf_dropped_error);
    }
    if (facts->has_sentry) {
        write_dropped(writer, "sentry", "queue", counts->sentry_dropped_queue);
        write_dropped(writer, "sentry", "rate_limit", counts->sentry_dropped_rate_limit);
        write_dropped(writer, "sentry", "error", counts->sentry_dropped_error);
    }
}

void report_facts_write_metrics(const struct report_facts *facts, struct prometheus_text *writer)
{
    struct lost lost = count_lost(facts);
    struct report_counts counts;
    read_counts(facts, &counts);
    prometheus_text_family(writer, "lb_report_starts_total", "counter",
                           "Times lb-report was started.");
    prometheus_text_uint(writer, NULL, counts.start_count);
    prometheus_text_family(writer, "lb_report_sent_total", "counter",
                           "Messages that lb-report has delivered.");
    write_by(facts, writer, counts.gelf_sent, counts.sentry_sent);
    write_all_dropped(facts, &counts, writer);
    prometheus_text_family(writer, "lb_report_waiting", "gauge",
                           "Messages that wait in lb-report at this moment.");
    write_by(facts, writer, counts.gelf_waiting, counts.sentry_waiting);
    write_outbox(&lost, writer);
}
