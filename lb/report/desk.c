#include "lb/report/desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/contract/report.h"
#include "lb/report/crash_trace.h"
#include "lb/report/field.h"
#include "lb/report/incident.h"

#define EXTRAS_MAX      24u
#define NUMBER_BYTES    32u
#define MESSAGE_BYTES   2048u
#define FINGERPRINT_MAX 4u
#define RELEASE_BYTES   72u

static const char crashing_program[] = "lb-proxy";

/* What is said beside an incident; the values that are made for it are freed with it. */
struct extras {
    struct sentry_pair items[EXTRAS_MAX];
    char *made[EXTRAS_MAX];
    unsigned count;
};

static void add_made(struct extras *extras, const char *name, char *value)
{
    if (!value || extras->count == EXTRAS_MAX) {
        free(value);
        return;
    }
    extras->made[extras->count] = value;
    extras->items[extras->count++] = (struct sentry_pair){view_str(name), view_str(value)};
}

static void add_text(struct extras *extras, const char *name, struct view value)
{
    if (value.len > 0 && extras->count < EXTRAS_MAX)
        extras->items[extras->count++] = (struct sentry_pair){view_str(name), value};
}

static void add_number(struct extras *extras, const char *name, double value)
{
    char text[NUMBER_BYTES];
    snprintf(text, sizeof(text), "%.10g", value);
    add_made(extras, name, strdup(text));
}

static void add_all(struct extras *extras, const json_t *object)
{
    const char *name;
    const json_t *value;
    void *at = json_object_iter((json_t *)(uintptr_t)object);
    for (; at && extras->count < EXTRAS_MAX;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        name = json_object_iter_key(at);
        value = json_object_iter_value(at);
        add_made(extras, name, field_as_text(value));
    }
}

static void free_extras(struct extras *extras)
{
    for (unsigned i = 0; i < extras->count; i++)
        free(extras->made[i]);
}

/* ---- what all events have -------------------------------------------------------------------------- */

static void begin_event(const struct desk *desk, struct sentry_event *event)
{
    sentry_event_init(event);
    event->logger = VIEW("lb");
    event->release = view_str(desk->options.release);
    event->environment = view_str(desk->options.environment);
    event->server_name = view_str(desk->options.server_name);
}

/* Puts it, if that many may be; the last thing that is done to an event. */
static enum desk_end finish_event(struct desk *desk, struct sentry_event *event,
                                  struct extras *extras, uint64_t now_ns)
{
    struct trail_breadcrumbs crumbs;
    unsigned repeat_count = 0;
    enum quota_answer answer = quota_ask(&desk->quota, now_ns, event->fingerprint,
                                         (unsigned)event->fingerprint_count, &repeat_count);
    if (answer != QUOTA_YES) {
        desk->limited_count += answer == QUOTA_FULL;
        return answer == QUOTA_FULL ? DESK_LIMITED : DESK_GROUPED;
    }
    if (repeat_count > 0)
        add_number(extras, "repeated_meanwhile", repeat_count);
    if (desk->limited_count > 0)
        add_number(extras, "others_not_sent", desk->limited_count);
    desk->limited_count = 0;
    trail_list(&desk->trail, &crumbs);
    event->extras = extras->items;
    event->extra_count = extras->count;
    event->breadcrumbs = crumbs.items;
    event->breadcrumb_count = crumbs.count;
    desk->options.put(desk->options.owner, event);
    return DESK_PUT;
}

/* ---- incidents --------------------------------------------------------------------------------------- */

static void add_incident(struct extras *extras, const struct incident *incident)
{
    add_text(extras, "subject", incident->subject);
    add_text(extras, "container_id", incident->container_id);
    add_text(extras, "url", incident->url);
    if (incident->has_lasted)
        add_number(extras, "lasted_seconds", incident->lasted_seconds);
    add_all(extras, incident->extra);
}

/* "…; it lasted 12.5 s" */
static struct view message_of(const struct incident *incident, char out[MESSAGE_BYTES])
{
    if (incident->phase != INCIDENT_PHASE_ended || !incident->has_lasted)
        return incident->message;
    int len = snprintf(out, MESSAGE_BYTES, "%.*s; it lasted %.1f s",
                       (int)(incident->message.len < MESSAGE_BYTES / 2 ? incident->message.len
                                                                       : MESSAGE_BYTES / 2),
                       incident->message.ptr, incident->lasted_seconds);
    return view_of(out, (size_t)len < MESSAGE_BYTES ? (size_t)len : MESSAGE_BYTES - 1);
}

static enum desk_end take_incident(struct desk *desk, const json_t *object, struct desk_time time)
{
    struct incident incident;
    struct sentry_event event;
    char message[MESSAGE_BYTES];
    if (!incident_read(object, time.wall_ns, desk->options.has_queries, &incident))
        return DESK_BROKEN;
    const struct view fingerprint[FINGERPRINT_MAX] = {incident.kind, incident.service,
                                                      incident.subject, VIEW("recovered")};
    const struct sentry_pair tags[] = {
        {VIEW("incident"), incident.kind},
        {VIEW("phase"), view_str(incident_phase_word(incident.phase))},
        {VIEW("service"), incident.service},
        {VIEW("endpoint"), incident.endpoint},
        {VIEW("container"), incident.container_name},
        {VIEW("image"), incident.container_image},
        {VIEW("host"), incident.host},
    };
    struct extras extras = {.count = 0};
    begin_event(desk, &event);
    event.level = incident.level;
    event.timestamp_ns = incident.timestamp_ns;
    event.message = message_of(&incident, message);
    event.trace_id = incident.trace_id;
    event.fingerprint = fingerprint;
    event.fingerprint_count = incident.phase == INCIDENT_PHASE_ended ? 4 : 3;
    event.tags = tags;
    event.tag_count = sizeof(tags) / sizeof(tags[0]);
    add_incident(&extras, &incident);
    enum desk_end end = finish_event(desk, &event, &extras, time.mono_ns);
    free_extras(&extras);
    return end;
}

/* ---- crashes ----------------------------------------------------------------------------------------- */

/* That of the process that crashed, which may be an older one that gave way. */
static struct view release_of(const struct desk *desk, const struct crash_trace *trace,
                              char out[RELEASE_BYTES])
{
    if (trace->version.len == 0 || trace->version.len > RELEASE_BYTES - sizeof("lb@"))
        return view_str(desk->options.release);
    int len = snprintf(out, RELEASE_BYTES, "lb@%.*s", (int)trace->version.len, trace->version.ptr);
    return view_of(out, (size_t)len);
}

static void add_crash(struct extras *extras, const json_t *object, struct view text)
{
    static const char *const numbers[] = {"lost_requests", "crashes_in_a_row"};
    double value;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (field_number(object, numbers[i], &value))
            add_number(extras, numbers[i], value);
    add_text(extras, "report", text);
}

static enum desk_end take_crash(struct desk *desk, const json_t *object, struct desk_time time)
{
    struct view reason = field_text(object, "reason"), text = field_text(object, "text");
    struct crash_trace trace;
    struct sentry_event event;
    struct extras extras = {.count = 0};
    char release[RELEASE_BYTES];
    if (reason.len == 0)
        return DESK_BROKEN;
    bool is_loop = json_is_true(json_object_get(object, "is_crash_loop"));
    crash_trace_read(text, crashing_program, &trace);
    const struct sentry_image image = {.file = VIEW("lb-proxy"), .build_id = trace.build_id};
    const struct view fingerprint[] = {VIEW("proxy_crash"), reason, trace.place};
    const struct sentry_pair tags[] = {{VIEW("incident"), VIEW("proxy_crash")},
                                       {VIEW("phase"), VIEW("happened")},
                                       {VIEW("reason"), reason},
                                       {VIEW("crash_loop"), is_loop ? VIEW("yes") : VIEW("no")}};
    begin_event(desk, &event);
    event.release = release_of(desk, &trace, release);
    event.level = SENTRY_FATAL;
    event.timestamp_ns = field_timestamp(object, time.wall_ns);
    event.exception = (struct sentry_exception){.type = reason,
                                                .value = trace.what,
                                                .mechanism = VIEW("signal"),
                                                .frames = trace.frames,
                                                .frame_count = trace.frame_count};
    event.images = &image;
    event.image_count = trace.frame_count > 0 && trace.build_id.len > 0;
    event.fingerprint = fingerprint;
    event.fingerprint_count = 3;
    event.tags = tags;
    event.tag_count = sizeof(tags) / sizeof(tags[0]);
    add_crash(&extras, object, text);
    enum desk_end end = finish_event(desk, &event, &extras, time.mono_ns);
    free_extras(&extras);
    return end;
}

/* ---- all of it --------------------------------------------------------------------------------------- */

void desk_init(struct desk *desk, const struct desk_options *options)
{
    *desk = (struct desk){.options = *options};
    quota_init(&desk->quota);
}

static enum desk_end take_object(struct desk *desk, char kind, const json_t *object,
                                 struct desk_time time)
{
    switch (kind) {
    case REPORT_CHANGE:
        return trail_add(&desk->trail, object, time.wall_ns) ? DESK_KEPT : DESK_BROKEN;
    case REPORT_INCIDENT:
        return take_incident(desk, object, time);
    case REPORT_CRASH:
        return take_crash(desk, object, time);
    default:
        return DESK_BROKEN;
    }
}

enum desk_end desk_take(struct desk *desk, char kind, struct view message, struct desk_time time)
{
    json_error_t problem;
    json_t *object = json_loadb(message.ptr, message.len, 0, &problem);
    enum desk_end end =
        json_is_object(object) ? take_object(desk, kind, object, time) : DESK_BROKEN;
    json_decref(object);
    return end;
}
