#include "lb/base/log_about.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/json_writer.h"

#define ECS_VERSION   "8.11.0"
#define DATASET_BYTES 40

static int family_bytes(const char *program)
{
    return (int)strcspn(program, "-");
}

static void write_event(const struct log_about *about, const char *program,
                        struct json_writer *json)
{
    char dataset[DATASET_BYTES];
    snprintf(dataset, sizeof(dataset), "%.*s.log", family_bytes(program), program);
    json_writer_key(json, "event");
    json_writer_begin_object(json);
    json_writer_field_str(json, "kind", "event");
    json_writer_field_str(json, "dataset", dataset);
    json_writer_field_if_any(json, "action", about->action);
    json_writer_field_if_any(json, "outcome", about->outcome);
    json_writer_end_object(json);
}

static void write_service(const char *program, struct json_writer *json)
{
    json_writer_key(json, "service");
    json_writer_begin_object(json);
    json_writer_key(json, "name");
    json_writer_string(json, view_of(program, (size_t)family_bytes(program)));
    json_writer_end_object(json);
}

static void write_upstream(const struct log_about *about, struct json_writer *json)
{
    if (!about->name && !about->id && !about->address)
        return;
    json_writer_key(json, "upstream");
    json_writer_begin_object(json);
    json_writer_field_if_any(json, "name", about->name);
    json_writer_field_if_any(json, "id", about->id);
    json_writer_field_if_any(json, "address", about->address);
    json_writer_end_object(json);
}

static void write_subject(const struct log_about *about, struct json_writer *json)
{
    if (!about->service && !about->name && !about->state)
        return;
    json_writer_key(json, "lb");
    json_writer_begin_object(json);
    json_writer_field_if_any(json, "service", about->service);
    json_writer_field_if_any(json, "state", about->state);
    json_writer_field_if_any(json, "state_before", about->state_before);
    json_writer_field_if_any(json, "cause", about->cause);
    write_upstream(about, json);
    json_writer_end_object(json);
}

void log_about_write(const struct log_about *about, const char *program, const char *level,
                     struct view message, struct text *line)
{
    static const struct log_about nothing;
    char stamp[CLOCK_TEXT_BYTES];
    struct json_writer json;
    about = about ? about : &nothing;
    json_writer_init(&json, line);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "@timestamp", clock_format(clock_wall_ns(), stamp));
    json_writer_field_str(&json, "log.level", level);
    json_writer_key(&json, "message");
    json_writer_string(&json, message);
    json_writer_field_str(&json, "ecs.version", ECS_VERSION);
    json_writer_field_str(&json, "log.logger", program);
    write_event(about, program, &json);
    write_service(program, &json);
    json_writer_field_uint(&json, "process.pid", (uint64_t)getpid());
    write_subject(about, &json);
    json_writer_end_object(&json);
}
