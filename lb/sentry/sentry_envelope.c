#include "lb/sentry/sentry_envelope.h"

#include "lb/base/clock.h"
#include "lb/base/json_writer.h"

static void write_header(const struct sentry_event *event, uint64_t sent_at_ns, struct text *out)
{
    char stamp[CLOCK_TEXT_BYTES];
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "event_id", event->id);
    json_writer_field_str(&json, "sent_at", clock_format(sent_at_ns, stamp));
    json_writer_key(&json, "sdk");
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "name", SENTRY_SDK_NAME);
    json_writer_field_str(&json, "version", LB_VERSION);
    json_writer_end_object(&json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}

void sentry_envelope_write(const struct sentry_event *event, uint64_t sent_at_ns, struct text *out)
{
    struct text payload = TEXT_INIT;
    sentry_event_write(event, &payload);
    write_header(event, sent_at_ns, out);
    text_appendf(out, "{\"type\":\"event\",\"length\":%zu,\"content_type\":\"application/json\"}\n",
                 payload.len);
    text_append(out, text_view(&payload));
    text_append_char(out, '\n');
    text_fini(&payload);
}
