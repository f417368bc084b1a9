#include "appserver/access_log.h"

#include <errno.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/json_writer.h"

#define FLUSH_BYTES 65536

static void write_view(struct json_writer *json, const char *key, struct view value)
{
    json_writer_key(json, key);
    if (value.ptr)
        json_writer_string(json, value);
    else
        json_writer_null(json);
}

void access_log_add(struct access_log *log, const struct access_entry *entry)
{
    if (log->off)
        return;
    char stamp[CLOCK_TEXT_BYTES];
    struct json_writer json;
    json_writer_init(&json, &log->lines);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "time", clock_format(clock_wall_ns(), stamp));
    write_view(&json, "method", entry->method);
    write_view(&json, "path", entry->target);
    json_writer_field_uint(&json, "status", (uint64_t)entry->status);
    json_writer_field_uint(&json, "bytes", entry->body_bytes);
    json_writer_key(&json, "ms");
    json_writer_double(&json, (double)entry->duration_ns / 1e6);
    json_writer_field_str(&json, "peer", entry->peer);
    if (entry->trace_id.len > 0) {
        json_writer_key(&json, "trace");
        json_writer_begin_object(&json);
        write_view(&json, "id", entry->trace_id);
        json_writer_end_object(&json);
    }
    json_writer_end_object(&json);
    text_append_char(&log->lines, '\n');
    if (log->lines.len >= FLUSH_BYTES)
        access_log_flush(log);
}

void access_log_flush(struct access_log *log)
{
    size_t done = 0;
    while (!log->off && done < log->lines.len) {
        ssize_t wrote = write(STDOUT_FILENO, log->lines.bytes + done, log->lines.len - done);
        if (wrote >= 0)
            done += (size_t)wrote;
        else if (errno == EAGAIN)
            break; /* a full pipe in non-blocking mode: requests matter more than lines */
        else if (errno != EINTR)
            log->off = true;
    }
    if (log->lines.len > 0)
        text_clear(&log->lines);
}

void access_log_fini(struct access_log *log)
{
    access_log_flush(log);
    text_fini(&log->lines);
}
