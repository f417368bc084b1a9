#include "lb/master/crash_message.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lb/base/json_writer.h"
#include "lb/base/shown.h"
#include "lb/contract/report.h"
#include "lb/master/bells.h"

#define REASON_BYTES 32
#define NS_PER_MS    1000000u

void crash_message_take(int keepsake, char text[CRASH_MESSAGE_TEXT_BYTES])
{
    ssize_t got = pread(keepsake, text, CRASH_MESSAGE_TEXT_BYTES - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    if (ftruncate(keepsake, 0) < 0)
        text[0] = '\0'; /* it would be told again, of another one */
}

static void write_reason(int status, struct json_writer *json)
{
    char reason[REASON_BYTES];
    if (WIFSIGNALED(status))
        bells_name(WTERMSIG(status), reason);
    else
        snprintf(reason, sizeof(reason), "exit status %d", WEXITSTATUS(status));
    json_writer_field_str(json, "reason", reason);
}

void crash_message_write(const struct crashes_case *one, const struct channel_history *history,
                         const char *left, struct text *out)
{
    struct text shown = TEXT_INIT;
    struct json_writer json;
    shown_append_lines(&shown, view_str(left));
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_key(&json, "timestamp");
    json_writer_double(&json, (double)(one->wall_ns / NS_PER_MS) / 1000);
    write_reason(one->status, &json);
    json_writer_field_uint(&json, "lost_requests", one->lost_count);
    json_writer_field_uint(&json, "crashes_in_a_row", history->crashes_in_a_row);
    json_writer_field_bool(&json, "is_crash_loop", history->is_crash_loop != 0);
    if (shown.len > 0)
        json_writer_field_str(&json, "text", text_str(&shown));
    json_writer_end_object(&json);
    text_fini(&shown);
}

void crash_message_send(int outbox, const struct crashes_case *one,
                        const struct channel_history *history, const char *left)
{
    struct text message = TEXT_INIT;
    text_append_char(&message, REPORT_CRASH);
    crash_message_write(one, history, left, &message);
    send(outbox, message.bytes, message.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    text_fini(&message);
}
