/* Lines from a pipe whose other end the test has: how they arrive, what is said of an end, and when silence is too long. */
#include "lb/follow/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "lb/contract/limits.h"

#define PULSE_MS  5u
#define PULSE_MAX 4000u /* what a test waits for comes within 20 s */

static struct loop loop;
static struct child child;
static struct text told; /* all that it told, each with a '|' behind it */
static int ends[2];      /* of the pipe that it reads now */

static bool on_line(void *owner, struct view line)
{
    assert_ptr_equal(owner, &child);
    if (line.len > 100)
        text_appendf(&told, "%zu bytes", line.len);
    else
        text_append(&told, line);
    text_append_char(&told, '|');
    return !view_eq(line, VIEW("garbage"));
}

static void on_sound(void *owner)
{
    (void)owner;
    text_append_str(&told, "sound|");
}

static void on_trouble(void *owner, const char *what, const char *remedy)
{
    (void)owner;
    text_appendf(&told, "%s (%s)|", what, remedy);
}

static void on_hung(void *owner, const char *why)
{
    (void)owner;
    text_appendf(&told, "hung: %s|", why);
}

/* ---- a child, and time ------------------------------------------------------------------------ */

static void init(unsigned silence_ms)
{
    struct child_options options = {.program = "prog",
                                    .on_line = on_line,
                                    .on_sound = on_sound,
                                    .on_trouble = on_trouble,
                                    .on_hung = on_hung,
                                    .silence_ms = silence_ms,
                                    .owner = &child};
    child_init(&child, &loop, &options);
}

static void lend(unsigned start_count, bool is_cut)
{
    assert_int_equal(pipe(ends), 0);
    child_read(&child, ends[0], start_count, is_cut);
}

static void say(const char *text)
{
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
}

static void on_pulse(uv_timer_t *timer)
{
    ++*(unsigned *)timer->data;
}

static bool runs_until(const char *want, unsigned pulses)
{
    uv_timer_t pulse;
    unsigned count = 0;
    uv_timer_init(&loop.uv, &pulse);
    pulse.data = &count;
    uv_timer_start(&pulse, on_pulse, PULSE_MS, PULSE_MS);
    while (count < pulses && !(want && strstr(text_str(&told), want)))
        uv_run(&loop.uv, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&pulse, NULL);
    uv_run(&loop.uv, UV_RUN_NOWAIT);
    return want && strstr(text_str(&told), want);
}

static void wait_for(const char *want)
{
    if (!runs_until(want, PULSE_MAX))
        fail_msg("no \"%s\" in \"%s\"", want, text_str(&told));
}

static void live(unsigned ms)
{
    runs_until(NULL, ms / PULSE_MS + 1);
}

static int open_child(void **state)
{
    (void)state;
    told = (struct text)TEXT_INIT;
    ends[1] = -1;
    return loop_init(&loop);
}

static int close_child(void **state)
{
    (void)state;
    child_close(&child);
    child_close(&child);
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    if (ends[1] >= 0)
        close(ends[1]);
    child_fini(&child);
    loop_fini(&loop);
    text_fini(&told);
    return 0;
}

/* ---- lines ------------------------------------------------------------------------------------ */

static void test_lines_arrive_whole(void **state)
{
    (void)state;
    init(0);
    lend(3, false);
    assert_int_equal(child.start_count, 3);
    say("one\n\ntw");
    wait_for("one|");
    say("o\nthree\nfour");
    wait_for("three|");
    assert_string_equal(text_str(&told), "one|sound|two|three|");
}

/* It began to read in the middle of one. */
static void test_the_rest_of_a_line_is_passed_over(void **state)
{
    (void)state;
    init(0);
    lend(1, true);
    say("the rest of");
    live(20);
    say(" it\n\nwhole\n");
    wait_for("whole|");
    assert_string_equal(text_str(&told), "whole|sound|");
}

static void test_another_pipe_takes_the_place_of_the_one_before(void **state)
{
    (void)state;
    init(0);
    lend(1, false);
    int old = ends[1];
    say("one\nhalf");
    wait_for("one|");
    lend(2, false);
    say("two\n");
    wait_for("two|");
    assert_string_equal(text_str(&told), "one|sound|two|sound|");
    assert_int_equal(write(old, "x", 1), -1); /* EPIPE: nobody reads it */
    close(old);
}

/* An lb-discovery elsewhere has connected. */
static void test_a_socket_is_read_like_a_pipe(void **state)
{
    (void)state;
    init(0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    child_read(&child, ends[0], 1, false);
    say("line\n");
    wait_for("line|sound|");
}

static void test_garbage_is_not_sound(void **state)
{
    (void)state;
    init(0);
    lend(1, false);
    say("garbage\ngarbage\n");
    wait_for("garbage|garbage|");
    assert_null(strstr(text_str(&told), "sound"));
}

static void write_line(size_t bytes)
{
    static char piece[65536];
    memset(piece, 'x', sizeof(piece));
    while (bytes > 0) {
        size_t most = bytes < sizeof(piece) ? bytes : sizeof(piece);
        ssize_t count = write(ends[1], piece, most);
        assert_true(count > 0);
        bytes -= (size_t)count;
        uv_run(&loop.uv, UV_RUN_NOWAIT);
    }
}

static void test_the_longest_line_and_a_longer_one(void **state)
{
    (void)state;
    init(0);
    lend(1, false);
    write_line(LIMITS_LINE_BYTES_MAX);
    say("\n");
    wait_for("16777216 bytes|sound|");
    write_line(LIMITS_LINE_BYTES_MAX);
    say("x");
    wait_for("prog is being ended: its line is longer than 16 MiB; the last pool stays in use ()|"
             "hung: its line is longer than 16 MiB|");
}

/* ---- ends ------------------------------------------------------------------------------------- */

static void test_what_is_said_of_an_end(void **state)
{
    static const struct {
        int status, signal;
        const char *want;
    } rows[] = {
        {3, 0, "prog ended: exit status 3; it is started again; the last pool stays in use "},
        {0, 9, "prog ended: signal 9; it is started again; the last pool stays in use "},
    };
    (void)state;
    init(0);
    for (unsigned i = 0; i < 2; i++) {
        text_clear(&told);
        lend(i + 1, false);
        say("early\n");
        close(ends[1]);
        ends[1] = -1;
        child_end(&child, rows[i].status, rows[i].signal);
        assert_memory_equal(text_str(&told), rows[i].want, strlen(rows[i].want));
        wait_for("What it wrote to standard error before says more.)|");
        wait_for("early|"); /* what was written before the end is read to the end */
        live(1200);
        assert_null(strstr(text_str(&told), "hung"));
    }
}

static void test_one_that_cannot_be_started(void **state)
{
    (void)state;
    init(0);
    child_fail(&child, UV_ENOENT);
    wait_for("prog cannot be started: no such file or directory; the last pool stays in use (Put "
             "lb-discovery beside lb, or name it with --discovery; ");
}

static void test_one_that_closes_its_output_is_hung(void **state)
{
    (void)state;
    init(0);
    lend(1, false);
    close(ends[1]);
    ends[1] = -1;
    wait_for("prog closed its output: it is started again; the last pool stays in use ()|hung: ");
    child_end(&child, 0, 9); /* as it was wished for */
    assert_null(strstr(text_str(&told), "ended: signal"));
}

/* ---- silence ---------------------------------------------------------------------------------- */

static void test_silence_is_too_long_once_it_is_watched(void **state)
{
    (void)state;
    init(60);
    lend(1, false);
    live(200);
    assert_string_equal(text_str(&told), "");
    child_watch(&child);
    child_watch(&child);
    wait_for(
        "prog is being ended: no sign of life for 60 ms; the last pool stays in use ()|hung: no "
        "sign of life for 60 ms|");
    text_clear(&told);
    int old = ends[1];
    lend(2, false); /* the next one is watched, too */
    close(old);
    wait_for("hung: ");
}

static void test_any_byte_is_a_sign_of_life(void **state)
{
    (void)state;
    init(3000); /* a busy machine may keep the test waiting */
    lend(1, false);
    child_watch(&child);
    for (unsigned i = 0; i < 7; i++) {
        live(500);
        say(".");
    }
    live(100);
    assert_string_equal(text_str(&told), "");
}

static void test_the_time_that_this_process_stood_still_is_not_counted(void **state)
{
    (void)state;
    init(300);
    lend(1, false);
    child_watch(&child);
    live(5);
    usleep(1500000);
    uv_run(&loop.uv, UV_RUN_NOWAIT);
    assert_string_equal(text_str(&told), "");
    wait_for("no sign of life");
}

static void test_nothing_is_expected_of_one_that_has_ended_or_without_a_limit(void **state)
{
    (void)state;
    init(0);
    lend(1, false);
    child_watch(&child);
    live(100);
    assert_string_equal(text_str(&told), "");
    child.options.silence_ms = 50;
    child_end(&child, 0, 0);
    text_clear(&told);
    live(200);
    assert_string_equal(text_str(&told), "");
}

/* ---- the end ---------------------------------------------------------------------------------- */

static void test_a_closed_one_takes_no_pipe_and_tells_nothing(void **state)
{
    (void)state;
    init(50);
    child_close(&child);
    lend(1, false);
    assert_int_equal(write(ends[1], "x", 1), -1);
    child_end(&child, 0, 9);
    child_fail(&child, UV_ENOENT);
    assert_string_equal(text_str(&told), "");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_child, close_child)
    const struct CMUnitTest tests[] = {
        TEST(test_lines_arrive_whole),
        TEST(test_the_rest_of_a_line_is_passed_over),
        TEST(test_another_pipe_takes_the_place_of_the_one_before),
        TEST(test_a_socket_is_read_like_a_pipe),
        TEST(test_garbage_is_not_sound),
        TEST(test_the_longest_line_and_a_longer_one),
        TEST(test_what_is_said_of_an_end),
        TEST(test_one_that_cannot_be_started),
        TEST(test_one_that_closes_its_output_is_hung),
        TEST(test_silence_is_too_long_once_it_is_watched),
        TEST(test_any_byte_is_a_sign_of_life),
        TEST(test_the_time_that_this_process_stood_still_is_not_counted),
        TEST(test_nothing_is_expected_of_one_that_has_ended_or_without_a_limit),
        TEST(test_a_closed_one_takes_no_pipe_and_tells_nothing),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
