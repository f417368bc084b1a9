/* A child that is a shell script, on a loop of its own. The linker lets the test see how long each
 * restart is put off, and decide when it comes. Includes cmocka. */
#ifndef TESTS_UNIT_FOLLOW_CHILD_CASE_H
#define TESTS_UNIT_FOLLOW_CHILD_CASE_H

#include "lb/follow/child.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define PULSE_MS  5u
#define PULSE_MAX 4000u /* what a test waits for comes within 20 s */

int __real_uv_timer_start(uv_timer_t *timer, uv_timer_cb on_timer, uint64_t pause_ms, uint64_t);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb on_timer, uint64_t pause_ms, uint64_t);
int __real_uv_process_kill(uv_process_t *process, int number);
int __wrap_uv_process_kill(uv_process_t *process, int number);

static struct loop loop;
static struct child child;
static struct text lines, troubles; /* each with a '|' behind it */
static char folder[32], script[64];
static unsigned descriptor_count, kill_count;
static uv_timer_cb restart; /* that is due; NULL: none */
static unsigned pause_ms;   /* for which it was put off */
static bool restarts_by_itself;

int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb on_timer, uint64_t after_ms,
                          uint64_t repeat_ms)
{
    if (timer != &child.restart)
        return __real_uv_timer_start(timer, on_timer, after_ms, repeat_ms);
    assert_null(restart);
    restart = on_timer;
    pause_ms = (unsigned)after_ms;
    return restarts_by_itself ? __real_uv_timer_start(timer, on_timer, after_ms, repeat_ms) : 0;
}

int __wrap_uv_process_kill(uv_process_t *process, int number)
{
    kill_count++;
    assert_true(process->pid > 1); /* else it would be a group, or everyone */
    return __real_uv_process_kill(process, number);
}

static inline unsigned count_descriptors(void)
{
    unsigned count = 0;
    DIR *open = opendir("/proc/self/fd");
    assert_non_null(open);
    while (readdir(open))
        count++;
    closedir(open);
    return count;
}

static inline bool on_line(void *owner, struct view line)
{
    assert_ptr_equal(owner, &child);
    if (line.len > 100)
        text_appendf(&lines, "%zu bytes", line.len);
    else
        text_append(&lines, line);
    text_append_char(&lines, '|');
    return !view_eq(line, VIEW("garbage"));
}

static inline void on_trouble(void *owner, const char *what, const char *remedy)
{
    assert_ptr_equal(owner, &child);
    text_appendf(&troubles, "%s (%s)|", what, remedy);
}

/* From now on the program does this. */
static inline void write_script(const char *text)
{
    FILE *file = fopen(script, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* What libuv opens once for all loops is there before descriptors are counted. */
static inline int open_libuv(void **state)
{
    (void)state;
    int rc = loop_init(&loop);
    loop_fini(&loop);
    return rc;
}

static inline int open_child(void **state)
{
    (void)state;
    lines = troubles = (struct text)TEXT_INIT;
    restart = NULL;
    restarts_by_itself = false;
    kill_count = 0;
    snprintf(folder, sizeof(folder), "/tmp/test_child_XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(script, sizeof(script), "%s/script", folder);
    descriptor_count = count_descriptors();
    return loop_init(&loop);
}

static inline void init_child(const char *program, unsigned silence_ms)
{
    struct child_options options = {
        .on_line = on_line, .on_trouble = on_trouble, .silence_ms = silence_ms, .owner = &child};
    snprintf(options.program, sizeof(options.program), "%s", program);
    child_words_add(&options.arguments, "%s", script);
    child_words_add(&options.environment, "GIVEN=yes");
    child_init(&child, &loop, &options);
}

static inline void start(const char *text, unsigned silence_ms)
{
    write_script(text);
    init_child("/bin/sh", silence_ms);
    child_start(&child);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static inline void on_pulse(uv_timer_t *timer)
{
    ++*(unsigned *)timer->data;
}

/* Lets the loop run until it is so. */
static inline bool runs_until(bool (*is_so)(const void *of), const void *of)
{
    uv_timer_t pulse;
    unsigned count = 0;
    uv_timer_init(&loop.uv, &pulse);
    pulse.data = &count;
    uv_timer_start(&pulse, on_pulse, PULSE_MS, PULSE_MS);
    while (!is_so(of) && count < PULSE_MAX)
        uv_run(&loop.uv, UV_RUN_ONCE);
    bool came = is_so(of);
    uv_close((uv_handle_t *)&pulse, NULL);
    uv_run(&loop.uv, UV_RUN_NOWAIT); /* it is closed at the end of a turn */
    return came;
}

static inline bool has_line(const void *line)
{
    return strstr(text_str(&lines), line) != NULL;
}

static inline bool has_trouble(const void *trouble)
{
    return strstr(text_str(&troubles), trouble) != NULL;
}

static inline bool has_restart(const void *nothing)
{
    (void)nothing;
    return restart != NULL;
}

static inline bool has_lived(const void *ms)
{
    return loop_now_ms(&loop) >= *(const uint64_t *)ms;
}

static inline void wait_for_line(const char *want)
{
    if (!runs_until(has_line, want))
        fail_msg("no \"%s\" in \"%s\"; %s", want, text_str(&lines), text_str(&troubles));
}

static inline void wait_for_trouble(const char *want)
{
    if (!runs_until(has_trouble, want))
        fail_msg("no \"%s\" in \"%s\"", want, text_str(&troubles));
}

/* Until it is over and is to be started again; for how long that is put off. */
static inline unsigned wait_for_pause(void)
{
    if (!runs_until(has_restart, NULL))
        fail_msg("it is not to be started again: %s", text_str(&troubles));
    return pause_ms;
}

static inline void restart_now(void)
{
    uv_timer_cb due = restart;
    assert_non_null(due);
    restart = NULL;
    due(&child.restart);
}

static inline void live(unsigned ms)
{
    uint64_t until_ms = loop_now_ms(&loop) + ms;
    assert_true(runs_until(has_lived, &until_ms));
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Its handles close, nothing more is told, and no process and no descriptor stays. The signal that
 * ended the process; -1: it had ended by itself; 0: there was none. */
static inline int stop(void)
{
    int status, signum = 0;
    bool has_process = child.is_running && !child.has_exited;
    pid_t pid = child.process.pid;
    size_t told = lines.len + troubles.len;
    child_stop(&child);
    restart = NULL;
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    assert_false(uv_loop_alive(&loop.uv));
    assert_null(restart);
    assert_int_equal(lines.len + troubles.len, told);
    if (has_process) {
        assert_int_equal(waitpid(pid, &status, 0), pid);
        signum = WIFSIGNALED(status) ? WTERMSIG(status) : -1;
    }
    assert_int_equal(waitpid(-1, &status, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return signum;
}

static inline int close_child(void **state)
{
    (void)state;
    if (!child.is_stopping)
        stop();
    child_fini(&child);
    loop_fini(&loop);
    text_fini(&lines);
    text_fini(&troubles);
    unlink(script);
    rmdir(folder);
    assert_int_equal(count_descriptors(), descriptor_count);
    return 0;
}

#endif
