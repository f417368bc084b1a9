#include "lb/follow/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/list.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

#define BACKOFF_FIRST_MS 100u
#define BACKOFF_LAST_MS  5000u

/* This process itself stood still for so long: the child may have, too. */
#define HELD_UP_MS 1000u

/* It has ended, but others hold its output: what they say is read for so long. */
#define LAST_WORDS_MS 1000u

/* One that is to make room for another has so long to end by itself. */
#define LEAVE_MS 3000u

static void on_uv_restart(uv_timer_t *timer);
static void on_silence(struct deadline *watchdog);
static void on_uv_exit(uv_process_t *process, int64_t status, int signal);
static void on_uv_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);
static void on_uv_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf);

void child_init(struct child *child, struct loop *loop, const struct child_options *options)
{
    *child = (struct child){.loop = loop, .options = *options};
    rng_init(&child->rng);
    uv_timer_init(&loop->uv, &child->restart);
    deadline_init(&child->watchdog, on_silence);
}

static void trouble(struct child *child, const char *what, const char *why, const char *remedy)
{
    char text[CHILD_PATH_BYTES + 256];
    snprintf(text, sizeof(text), "%s %s: %s; the last pool stays in use", child->options.program,
             what, why);
    child->options.on_trouble(child->options.owner, text, remedy);
}

static void start_later(struct child *child)
{
    if (child->is_replaced) {
        child->is_replaced = false;
        uv_timer_start(&child->restart, on_uv_restart, 0, 0);
        return;
    }
    unsigned shift = child->failures_in_a_row < 6 ? child->failures_in_a_row : 6;
    unsigned pause_ms = BACKOFF_FIRST_MS << shift;
    if (pause_ms > BACKOFF_LAST_MS)
        pause_ms = BACKOFF_LAST_MS;
    pause_ms = pause_ms / 2 + (unsigned)(rng_next(&child->rng) % (pause_ms / 2 + 1));
    child->failures_in_a_row++;
    uv_timer_start(&child->restart, on_uv_restart, pause_ms, 0);
}

static int spawn(struct child *child)
{
    const struct child_words *words = &child->options.arguments;
    char **args = memory_new((words->count + 2) * sizeof(args[0]));
    args[0] = child->options.program;
    for (size_t i = 0; i < words->count; i++)
        args[i + 1] = words->list[i];
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&child->output},
        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
    };
    uv_process_options_t options = {.file = child->options.program,
                                    .args = args,
                                    .env = child->options.environment.list,
                                    .stdio = stdio,
                                    .stdio_count = 3,
                                    .flags = UV_PROCESS_DETACHED, /* Ctrl-C is meant for lb */
                                    .exit_cb = on_uv_exit};
    int rc = uv_spawn(&child->loop->uv, &child->process, &options);
    free(args);
    return rc;
}

/* Silence counts from now. */
static void restart_watchdog(struct child *child)
{
    if (child->is_watched && !child->is_stopping && !child->has_exited && !child->is_replaced &&
        child->options.silence_ms > 0)
        deadline_arm(&child->loop->deadlines, &child->watchdog, child->options.silence_ms);
}

static void on_uv_closed_one(uv_handle_t *handle)
{
    struct child *child = handle->data;
    if (handle == (uv_handle_t *)&child->output)
        child->is_running = false;
    if (!child->is_running && !child->is_stopping)
        start_later(child);
}

static void close_both(struct child *child)
{
    deadline_disarm(&child->watchdog);
    if (!uv_is_closing((uv_handle_t *)&child->process))
        uv_close((uv_handle_t *)&child->process, NULL);
    if (!uv_is_closing((uv_handle_t *)&child->output))
        uv_close((uv_handle_t *)&child->output, on_uv_closed_one);
}

void child_start(struct child *child)
{
    uv_pipe_init(&child->loop->uv, &child->output, 0);
    child->output.data = child;
    child->is_running = true;
    child->has_exited = false;
    child->start_count++;
    text_clear(&child->line);
    int rc = spawn(child);
    if (rc < 0) {
        trouble(
            child, "cannot be started", uv_strerror(rc),
            "Put lb-discovery beside lb, or name it with --discovery; lb may have to be allowed "
            "to execute it.");
        child->has_exited = true; /* no signal is meant for a process that is none */
        close_both(child);
        return;
    }
    uv_read_start((uv_stream_t *)&child->output, on_uv_alloc, on_uv_read);
    restart_watchdog(child);
}

void child_watch(struct child *child)
{
    if (!child->is_watched) {
        child->is_watched = true;
        restart_watchdog(child);
    }
}

static void tell_to_end(struct child *child)
{
    uv_process_kill(&child->process, SIGTERM);
    uv_process_kill(&child->process, SIGCONT); /* a stopped process heeds no SIGTERM */
}

/* However often it is told. */
static void make_room(struct child *child)
{
    if (!child->is_replaced)
        deadline_arm(&child->loop->deadlines, &child->watchdog, LEAVE_MS);
    child->is_replaced = true;
    tell_to_end(child);
}

static bool is_same(const struct child_options *one, const struct child_options *other)
{
    return strcmp(one->program, other->program) == 0 &&
           child_words_are_same(&one->arguments, &other->arguments) &&
           child_words_are_same(&one->environment, &other->environment);
}

static void fini_words(struct child_options *options)
{
    child_words_fini(&options->arguments);
    child_words_fini(&options->environment);
}

bool child_replace(struct child *child, struct child_options *options)
{
    if (is_same(&child->options, options)) {
        fini_words(options);
        return false;
    }
    fini_words(&child->options);
    snprintf(child->options.program, sizeof(child->options.program), "%s", options->program);
    child->options.arguments = options->arguments;
    child->options.environment = options->environment;
    child->failures_in_a_row = 0;
    if (!child->is_running)
        uv_timer_start(&child->restart, on_uv_restart, 0, 0);
    else if (!child->has_exited)
        make_room(child);
    else
        child->is_replaced = true;
    return true;
}

void child_stop(struct child *child)
{
    child->is_stopping = true;
    uv_close((uv_handle_t *)&child->restart, NULL);
    deadline_disarm(&child->watchdog);
    if (!child->is_running)
        return;
    if (!child->has_exited)
        tell_to_end(child);
    close_both(child);
}

void child_fini(struct child *child)
{
    text_fini(&child->line);
    fini_words(&child->options);
}

/* ---- lines ----------------------------------------------------------------------------------- */

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
        if (child->options.on_line(child->options.owner, part))
            child->failures_in_a_row = 0;
        text_clear(&child->line);
    }
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
        trouble(child, "is being ended", "its line is longer than 16 MiB", "");
    } else if (!child->has_exited && !child->is_replaced) {
        trouble(child, "closed its output", "it is started again", "");
    }
    uv_read_stop(stream);
    if (!child->has_exited)
        uv_process_kill(&child->process, SIGKILL);
    else
        close_both(child);
}

static void on_silence(struct deadline *watchdog)
{
    struct child *child = list_entry(watchdog, struct child, watchdog);
    char why[64];
    if (child->has_exited) {
        close_both(child);
        return;
    }
    if (child->is_replaced) {
        uv_process_kill(&child->process, SIGKILL);
        return;
    }
    if (loop_now_ms(child->loop) >= watchdog->due_ms + HELD_UP_MS) {
        restart_watchdog(child);
        return;
    }
    snprintf(why, sizeof(why), "no sign of life for %u ms", child->options.silence_ms);
    trouble(child, "is being ended", why, "");
    uv_process_kill(&child->process, SIGKILL);
}

/* What it has written is read to the end. */
static void end_reading(struct child *child)
{
    if (!uv_is_active((uv_handle_t *)&child->output))
        close_both(child);
    else
        deadline_arm(&child->loop->deadlines, &child->watchdog, LAST_WORDS_MS);
}

static void on_uv_exit(uv_process_t *process, int64_t status, int signal)
{
    struct child *child = list_entry(process, struct child, process);
    char why[64];
    child->has_exited = true;
    deadline_disarm(&child->watchdog);
    if (child->is_stopping)
        return;
    if (child->is_replaced) {
        end_reading(child);
        return;
    }
    if (signal)
        snprintf(why, sizeof(why), "signal %d; it is started again", signal);
    else
        snprintf(why, sizeof(why), "exit status %d; it is started again", (int)status);
    trouble(child, "ended", why, "What it wrote to standard error before says more.");
    end_reading(child);
}

static void on_uv_restart(uv_timer_t *timer)
{
    child_start(list_entry(timer, struct child, restart));
}
