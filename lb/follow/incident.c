#include "lb/follow/incident.h"

#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/json_writer.h"

static const char *const kind_words[] = {
#define X(word) #word,
    REPORT_INCIDENT_WORDS
#undef X
};

static const char *const phase_words[] = {
#define X(word) #word,
    REPORT_PHASE_WORDS
#undef X
};

static void begin(struct json_writer *json, struct text *out, const char *level,
                  const char *message)
{
    json_writer_init(json, out);
    json_writer_begin_object(json);
    json_writer_key(json, "timestamp");
    json_writer_double(json, (double)clock_wall_ns() / 1e9);
    json_writer_field_str(json, "level", level);
    json_writer_field_str(json, "message", message);
}

/* Its id is its address then. */
bool incident_has_container(const struct endpoint *endpoint)
{
    return strcmp(endpoint->container, endpoint->address_text) != 0;
}

static void write_endpoint(struct json_writer *json, const struct incident *incident)
{
    const struct endpoint *endpoint = incident->endpoint;
    json_writer_field_str(json, "endpoint", endpoint->address_text);
    if (!incident_has_container(endpoint))
        return;
    json_writer_key(json, "container");
    json_writer_begin_object(json);
    json_writer_field_str(json, "name", endpoint->name);
    json_writer_field_str(json, "id", endpoint->container);
    json_writer_field_if_any(json, "image", incident->image);
    json_writer_end_object(json);
}

void incident_write(const struct incident *incident, struct text *out)
{
    struct json_writer json;
    begin(&json, out, incident->level, incident->message);
    json_writer_field_str(&json, "kind", kind_words[incident->kind]);
    json_writer_field_str(&json, "phase", phase_words[incident->phase]);
    json_writer_field_if_any(&json, "subject", incident->subject);
    json_writer_field_if_any(&json, "service", incident->service);
    if (incident->endpoint)
        write_endpoint(&json, incident);
    json_writer_field_if_any(&json, "host", incident->host);
    json_writer_field_if_any(&json, "trace_id", incident->trace_id);
    json_writer_field_if_any(&json, "url", incident->url);
    if (incident->phase == INCIDENT_PHASE_ended) {
        json_writer_key(&json, "lasted_seconds");
        json_writer_double(&json, (double)incident->lasted_ms / 1e3);
    }
    if (incident->source && incident->source[0] != '\0') {
        json_writer_key(&json, "extra");
        json_writer_begin_object(&json);
        json_writer_field_str(&json, "source", incident->source);
        json_writer_end_object(&json);
    }
    json_writer_end_object(&json);
}

static const char *level_of(enum endpoint_state state)
{
    bool is_bad = state == ENDPOINT_UNHEALTHY || state == ENDPOINT_FAILING ||
                  state == ENDPOINT_EJECTED || state == ENDPOINT_GONE;
    return is_bad ? "warning" : "info";
}

void incident_write_change(const struct endpoint *endpoint, enum endpoint_state before,
                           struct text *out)
{
    enum endpoint_state after = endpoint_state(endpoint);
    struct text message = TEXT_INIT;
    struct json_writer json;
    text_appendf(&message, "%s %s", endpoint->name, endpoint_state_word(after));
    begin(&json, out, level_of(after), text_str(&message));
    json_writer_key(&json, "data");
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "service", endpoint->service);
    if (incident_has_container(endpoint))
        json_writer_field_str(&json, "container", endpoint->container);
    json_writer_field_str(&json, "endpoint", endpoint->address_text);
    json_writer_field_str(&json, "before", endpoint_state_word(before));
    json_writer_field_str(&json, "after", endpoint_state_word(after));
    if (after != ENDPOINT_GONE) /* the cause that it has is that of its last state */
        json_writer_field_if_any(&json, "cause", endpoint->cause);
    json_writer_end_object(&json);
    json_writer_end_object(&json);
    text_fini(&message);
}

void incident_write_note(const char *message, struct text *out)
{
    struct json_writer json;
    begin(&json, out, "info", message);
    json_writer_end_object(&json);
}
