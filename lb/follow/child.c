#include "lb/follow/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lb/base/list.h"
#include "lb/base/memory.h"
#include "lb/config/config_socket.h"
#include "lb/contract/limits.h"

/* This process itself stood still for so long: the other one may have, too. */
#define HELD_UP_MS 1000u

/* It has closed its output, which its end does: the news of that takes no longer. */
#define NEWS_MS 1000u

static void on_silence(struct deadline *watchdog);
static void on_uv_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);
static void on_uv_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf);

void child_init(struct child *child, struct loop *loop, const struct child_options *options)
{
    *child = (struct child){.loop = loop, .options = *options};
    deadline_init(&child->watchdog, on_silence);
}

/* ---- what is told of it ----------------------------------------------------------------------- */

static void trouble(struct child *child, const char *what, const char *why, const char *remedy)
{
    char text[CHILD_PATH_BYTES + 256];
    snprintf(text, sizeof(text), "%s %s: %s; the last pool stays in use", child->options.program,
             what, why);
    child->options.on_trouble(child->options.owner, text, remedy);
}

static void give_up(struct child *child, const char *what, const char *why)
{
    trouble(child, what, why, "");
    child->has_ended = true; /* that was told */
    child->options.on_hung(child->options.owner, why);
}

void child_end(struct child *child, int status, int signal)
{
    char why[64];
    if (child->is_closed || child->has_ended)
        return;
    child->has_ended = true;
    deadline_disarm(&child->watchdog);
    if (signal)
        snprintf(why, sizeof(why), "signal %d; it is started again", signal);
    else
        snprintf(why, sizeof(why), "exit status %d; it is started again", status);
    trouble(child, "ended", why, "What it wrote to standard error before says more.");
}

void child_fail(struct child *child, int error)
{
    child->start_count++; /* it was tried */
    if (!child->is_closed)
        trouble(
            child, "cannot be started", uv_strerror(error),
            "Put lb-discovery beside lb, or name it with --discovery; lb may have to be allowed "
            "to execute it.");
}

/* ---- the watchdog ----------------------------------------------------------------------------- */

/* Silence counts from now. */
static void restart_watchdog(struct child *child)
{
    if (child->is_watched && !child->has_ended && child->output && child->options.silence_ms > 0)
        deadline_arm(&child->loop->deadlines, &child->watchdog, child->options.silence_ms);
}

void child_watch(struct child *child)
{
    if (!child->is_watched) {
        child->is_watched = true;
        restart_watchdog(child);
    }
}

static void on_silence(struct deadline *watchdog)
{
    struct child *child = list_entry(watchdog, struct child, watchdog);
    char why[64];
    if (child->is_over) {
        if (config_socket_of(child->options.program)) /* it is started by others */
            give_up(child, "was closed by lb-discovery", "it is awaited there");
        else
            give_up(child, "closed its output", "it is started again");
        return;
    }
    if (loop_now_ms(child->loop) >= watchdog->due_ms + HELD_UP_MS) {
        restart_watchdog(child);
        return;
    }
    snprintf(why, sizeof(why), "no sign of life for %u ms", child->options.silence_ms);
    give_up(child, "is being ended", why);
}

/* ---- lines ------------------------------------------------------------------------------------ */

static void on_uv_closed(uv_handle_t *handle)
{
    free(handle);
}

static void close_output(struct child *child)
{
    if (child->output)
        uv_close((uv_handle_t *)child->output, on_uv_closed);
    child->output = NULL;
    deadline_disarm(&child->watchdog);
}

void child_read(struct child *child, int fd, unsigned start_count, bool is_cut)
{
    close_output(child);
    if (child->is_closed) {
        close(fd);
        return;
    }
    text_clear(&child->line);
    child->start_count = start_count;
    child->is_cut = is_cut;
    child->is_sound = child->is_over = child->has_ended = false;
    child->output = memory_new(sizeof(*child->output));
    uv_pipe_init(&child->loop->uv, child->output, 0);
    child->output->data = child;
    int rc = uv_pipe_open(child->output, fd);
    if (rc == 0)
        rc = uv_read_start((uv_stream_t *)child->output, on_uv_alloc, on_uv_read);
    if (rc < 0)
        give_up(child, "cannot be read", uv_strerror(rc));
    restart_watchdog(child);
}

static void take_line(struct child *child, struct view line)
{
    if (line.len == 0 || !child->options.on_line(child->options.owner, line) || child->is_sound)
        return;
    child->is_sound = true;
    child->options.on_sound(child->options.owner);
}

static void take_bytes(struct child *child, struct view bytes)
{
    ptrdiff_t newline;
    while ((newline = view_find(bytes, '\n')) >= 0) {
        struct view part = view_of(bytes.ptr, (size_t)newline);
        bytes = view_skip(bytes, (size_t)newline + 1);
        if (child->line.len > 0) {
            text_append(&child->line, part);
            part = text_view(&child->line);
        }
        if (!child->is_cut)
            take_line(child, part);
        child->is_cut = false;
        text_clear(&child->line);
    }
    if (!child->is_cut)
        text_append(&child->line, bytes);
}

static void on_uv_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct child *child = handle->data;
    (void)suggested;
    *buf = uv_buf_init(child->read_buffer, sizeof(child->read_buffer));
}

static void on_uv_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct child *child = stream->data;
    if (count == 0)
        return;
    if (count > 0) {
        restart_watchdog(child);
        take_bytes(child, view_of(buf->base, (size_t)count));
        if (child->line.len <= LIMITS_LINE_BYTES_MAX)
            return;
        uv_read_stop(stream);
        give_up(child, "is being ended", "its line is longer than 16 MiB");
        return;
    }
    uv_read_stop(stream);
    child->is_over = true;
    if (!child->has_ended)
        deadline_arm(&child->loop->deadlines, &child->watchdog, NEWS_MS);
}

/* ---- the end ---------------------------------------------------------------------------------- */

void child_close(struct child *child)
{
    child->is_closed = true;
    close_output(child);
}

void child_fini(struct child *child)
{
    text_fini(&child->line);
}
