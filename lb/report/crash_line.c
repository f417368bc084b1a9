#include "lb/report/crash_line.h"

#include "lb/base/clock.h"
#include "lb/base/json_writer.h"
#include "lb/report/field.h"

static void write_line(struct view words, uint64_t wall_ns, struct text *out)
{
    char stamp[CLOCK_TEXT_BYTES];
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "@timestamp", clock_format(wall_ns, stamp));
    json_writer_field_str(&json, "log.level", "error");
    json_writer_key(&json, "message");
    json_writer_string(&json, words);
    json_writer_field_str(&json, "ecs.version", "8.11.0");
    json_writer_field_str(&json, "log.logger", "lb-proxy");
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}

bool crash_line_write(struct view message, uint64_t wall_ns, struct text *out)
{
    json_error_t problem;
    json_t *object = json_loadb(message.ptr, message.len, 0, &problem);
    struct view words = field_text(object, "text");
    bool is_there = words.len > 0;
    if (is_there)
        write_line(words, field_timestamp(object, wall_ns), out);
    json_decref(object);
    return is_there;
}
