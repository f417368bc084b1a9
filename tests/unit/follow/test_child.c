/* A process that writes lines: how they arrive, when it is ended, and when it is started again. */
#include "tests/unit/follow/child_case.h"

#include "lb/contract/limits.h"

/* ---- lines ----------------------------------------------------------------------------------- */

static void test_lines_arrive_whole(void **state)
{
    (void)state;
    start("echo one; echo; printf tw; sleep 0.05; printf 'o\\nthree\\nfour'; sleep 0.05;"
          "echo \" $# $GIVEN $HOME\"; exec sleep 100",
          0);
    wait_for_line("one||two|three|four 0 yes |");
    assert_string_equal(text_str(&troubles), "");
    assert_int_equal(child.start_count, 1);
}

static void test_it_is_in_a_group_of_its_own(void **state)
{
    (void)state;
    start("exec sleep 100", 0);
    assert_int_equal(getpgid(child.process.pid), child.process.pid);
}

static void test_the_longest_line_arrives(void **state)
{
    (void)state;
    start("head -c 16777216 /dev/zero; sleep 0.2; echo; exec sleep 100", 0);
    wait_for_line("16777216 bytes|");
    assert_string_equal(text_str(&troubles), "");
}

static void test_a_longer_line_ends_it(void **state)
{
    (void)state;
    assert_int_equal(LIMITS_LINE_BYTES_MAX, 16777216);
    start("echo first; head -c 16777217 /dev/zero; exec sleep 100", 0);
    wait_for_pause();
    assert_string_equal(text_str(&lines), "first|");
    assert_true(has_trouble("/bin/sh is being ended: its line is longer than 16 MiB; the last pool "
                            "stays in use ()|/bin/sh ended: signal 9; it is started again"));
    write_script("echo next; exec sleep 100");
    restart_now();
    wait_for_line("first|next|");
}

static void test_half_a_line_ends_with_its_process(void **state)
{
    (void)state;
    start("printf half; kill -9 $$", 0);
    wait_for_trouble("ended: signal 9; it is started again");
    wait_for_pause();
    assert_string_equal(text_str(&lines), "");
    write_script("echo whole; exec sleep 100");
    restart_now();
    wait_for_line("whole|");
    assert_string_equal(text_str(&lines), "whole|");
}

/* What it wrote before it ended is read to the end first, whoever holds the pipe. */
static void test_what_was_written_before_the_end_arrives(void **state)
{
    (void)state;
    start("(exec 2>&-; sleep 0.5; echo late) & echo early; exit 3", 0);
    wait_for_trouble("ended: exit status 3");
    assert_true(child.is_running);
    wait_for_pause();
    assert_string_equal(text_str(&lines), "early|late|");
    assert_false(has_trouble("closed its output"));
}

/* ---- ends and restarts ----------------------------------------------------------------------- */

static void test_one_that_ends_is_started_again(void **state)
{
    (void)state;
    restarts_by_itself = true;
    start("exit 3", 0);
    wait_for_pause();
    assert_true(
        has_trouble("/bin/sh ended: exit status 3; it is started again; the last pool stays "
                    "in use (What it wrote to standard error before says more.)|"));
    restart = NULL;
    write_script("echo line; exec sleep 100");
    wait_for_line("line|");
    assert_int_equal(child.start_count, 2);
}

/* It waits for half of that up to all of it. */
static void check_pause(unsigned want_ms)
{
    if (pause_ms < want_ms / 2 || pause_ms > want_ms)
        fail_msg("%u ms instead of %u, after %u starts", pause_ms, want_ms, child.start_count);
}

static void test_pauses_grow_to_a_bound_and_differ(void **state)
{
    static const unsigned wants_ms[] = {100, 200, 400, 800, 1600, 3200};
    unsigned first_ms = 0;
    bool differ = false;
    (void)state;
    start("exit 0", 0);
    for (unsigned i = 0; i < 20; i++) {
        wait_for_pause();
        check_pause(i < 6 ? wants_ms[i] : 5000);
        first_ms = i == 6 ? pause_ms : first_ms;
        differ = differ || (i > 6 && pause_ms != first_ms);
        restart_now();
    }
    assert_true(differ);
    assert_int_equal(child.start_count, 21);
}

static void test_garbage_makes_no_pause_short(void **state)
{
    (void)state;
    start("echo garbage; exit 1", 0);
    for (unsigned i = 0; i < 4; i++) {
        wait_for_pause();
        check_pause(100u << i);
        restart_now();
    }
}

static void test_a_line_makes_pauses_short_again(void **state)
{
    (void)state;
    start("printf part; exit 1", 0);
    for (unsigned i = 0; i < 3; i++) {
        wait_for_pause();
        check_pause(100u << i);
        restart_now();
    }
    write_script("echo line; exit 1");
    wait_for_pause(); /* of the one that may have read the old script */
    text_clear(&lines);
    restart_now();
    wait_for_line("line|");
    wait_for_pause();
    check_pause(100);
    write_script("exit 1");
    restart_now();
    wait_for_pause();
    check_pause(200);
}

static void test_one_that_cannot_be_started_is_tried_again(void **state)
{
    char program[80];
    (void)state;
    snprintf(program, sizeof(program), "%s/sh", folder);
    write_script("echo line; exec sleep 100");
    init_child(program, 0);
    child_start(&child);
    assert_true(has_trouble("/sh cannot be started: no such file or directory; the last pool stays "
                            "in use (Put lb-discovery beside lb, or name it with --discovery; "));
    for (unsigned i = 0; i < 3; i++) {
        wait_for_pause();
        check_pause(100u << i);
        restart_now();
    }
    wait_for_pause();
    assert_int_equal(symlink("/bin/sh", program), 0);
    restart_now();
    wait_for_line("line|");
    unlink(program);
}

static void test_one_that_may_not_be_executed(void **state)
{
    (void)state;
    write_script("exit 0");
    init_child(script, 0);
    child_start(&child);
    assert_true(has_trouble("/script cannot be started: permission denied; "));
    wait_for_pause();
}

static void test_one_that_closes_its_output_is_ended(void **state)
{
    (void)state;
    start("exec >&-; exec sleep 100", 0);
    wait_for_pause();
    assert_true(
        has_trouble("/bin/sh closed its output: it is started again; the last pool stays in "
                    "use ()|/bin/sh ended: signal 9"));
    restart_now();
    wait_for_pause();
    assert_int_equal(child.start_count, 2);
}

/* ---- silence --------------------------------------------------------------------------------- */

static void test_one_that_is_silent_is_ended_once_it_is_watched(void **state)
{
    (void)state;
    start("trap '' TERM; echo begins; exec sleep 100", 60);
    wait_for_line("begins|");
    live(200);
    assert_string_equal(text_str(&troubles), "");
    child_watch(&child);
    child_watch(&child);
    wait_for_pause();
    assert_true(
        has_trouble("/bin/sh is being ended: no sign of life for 60 ms; the last pool stays "
                    "in use ()|"));
    assert_true(has_trouble("/bin/sh ended: signal 9"));
    text_clear(&troubles);
    write_script("exec sleep 100");
    restart_now();
    wait_for_trouble("no sign of life");
    wait_for_pause();
}

static void test_nothing_is_expected_of_one_that_has_ended(void **state)
{
    (void)state;
    start("echo line; exit 0", 300);
    child_watch(&child);
    wait_for_pause();
    text_clear(&troubles);
    live(700);
    assert_string_equal(text_str(&troubles), "");
}

static void test_any_byte_is_a_sign_of_life(void **state)
{
    (void)state;
    start("for i in 1 2 3 4 5 6 7; do sleep 0.2; printf .; done; exec sleep 100", 1000);
    child_watch(&child);
    live(1300);
    assert_string_equal(text_str(&troubles), "");
}

static void test_without_a_limit_it_may_be_silent(void **state)
{
    (void)state;
    start("exec sleep 100", 0);
    child_watch(&child);
    live(100);
    assert_string_equal(text_str(&troubles), "");
    assert_true(child.is_running);
}

/* The child may have stood still with this process, or spoken unheard. */
static void test_the_time_that_this_process_stood_still_is_not_counted(void **state)
{
    (void)state;
    start("exec sleep 100", 300);
    child_watch(&child);
    uv_sleep(1400);
    for (unsigned i = 0; i < 3; i++)
        uv_run(&loop.uv, UV_RUN_NOWAIT);
    assert_string_equal(text_str(&troubles), "");
    wait_for_trouble("no sign of life");
    wait_for_pause();
}

/* The process is over, but somebody holds its output and is silent: nobody is killed for that, and
 * it is started again. */
static void test_one_whose_output_outlives_it_is_started_again(void **state)
{
    (void)state;
    start("(exec 2>&-; sleep 0.1; echo late; exec sleep 60) & exit 0", 0);
    wait_for_line("late|");
    wait_for_pause();
    assert_true(has_trouble("ended: exit status 0"));
    assert_int_equal(kill_count, 0);
}

static void test_one_whose_output_never_ends_is_started_again(void **state)
{
    (void)state;
    start("(exec 2>&-; for i in $(seq 600); do echo late; sleep 0.1; done) & exit 0", 100000);
    child_watch(&child);
    wait_for_pause();
    assert_true(has_trouble("ended: exit status 0"));
    assert_int_equal(kill_count, 0);
}

/* ---- the stop -------------------------------------------------------------------------------- */

static void replace(const char *word)
{
    struct child_options options = {0};
    snprintf(options.program, sizeof(options.program), "/bin/sh");
    child_words_add(&options.arguments, "%s", script);
    child_words_add(&options.environment, "GIVEN=%s", word);
    assert_true(child_replace(&child, &options));
}

/* It goes on writing, too: that is no reason to wait. */
static void test_one_that_does_not_make_room_is_ended(void **state)
{
    (void)state;
    start("trap '' TERM; echo begins; while :; do echo \"$GIVEN\"; sleep 0.2; done", 60000);
    child_watch(&child);
    wait_for_line("begins|");
    uint64_t from_ms = loop_now_ms(&loop);
    replace("other");
    live(1000);
    replace("third");
    assert_int_equal(wait_for_pause(), 0);
    uint64_t took_ms = loop_now_ms(&loop) - from_ms;
    assert_in_range(took_ms, 2900, 15000);
    assert_string_equal(text_str(&troubles), "");
    restart_now();
    wait_for_line("third|");
    live(100); /* and the new one has all its time */
    assert_string_equal(text_str(&troubles), "");
}

static void test_a_stop_before_the_start(void **state)
{
    (void)state;
    init_child("/bin/sh", 0);
    assert_int_equal(stop(), 0);
    assert_int_equal(kill_count, 0);
}

static void test_a_stop_ends_what_has_just_been_started(void **state)
{
    (void)state;
    start("echo line; exec sleep 100", 60);
    child_watch(&child);
    assert_int_equal(stop(), SIGTERM);
    assert_false(deadline_is_armed(&child.watchdog));
}

static void test_a_stop_ends_one_that_runs(void **state)
{
    (void)state;
    start("echo line; exec sleep 100", 60000);
    child_watch(&child);
    wait_for_line("line|");
    assert_int_equal(stop(), SIGTERM);
}

static void test_a_stop_ends_one_that_stands_still(void **state)
{
    (void)state;
    start("echo line; kill -STOP $$; exec sleep 100", 0);
    wait_for_line("line|");
    live(50);
    assert_int_equal(stop(), SIGTERM);
}

static void test_a_stop_after_its_end(void **state)
{
    (void)state;
    start("(exec 2>&-; exec sleep 10) & exit 0", 0);
    wait_for_trouble("ended: exit status 0");
    assert_true(child.is_running);
    assert_int_equal(stop(), 0);
    assert_int_equal(kill_count, 0);
}

static void test_a_stop_while_it_waits_for_its_restart(void **state)
{
    (void)state;
    restarts_by_itself = true;
    start("exit 0", 0);
    wait_for_pause();
    kill_count = 0;
    assert_int_equal(stop(), 0);
    assert_int_equal(child.start_count, 1);
    assert_int_equal(kill_count, 0);
}

/* Its handles are being closed, and there is no process that a signal could be meant for. */
static void test_a_stop_right_after_a_start_that_failed(void **state)
{
    (void)state;
    init_child("/nowhere/at/all", 0);
    child_start(&child);
    assert_int_equal(stop(), 0);
    assert_int_equal(kill_count, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_child, close_child)
    const struct CMUnitTest tests[] = {
        TEST(test_lines_arrive_whole),
        TEST(test_it_is_in_a_group_of_its_own),
        TEST(test_the_longest_line_arrives),
        TEST(test_a_longer_line_ends_it),
        TEST(test_half_a_line_ends_with_its_process),
        TEST(test_what_was_written_before_the_end_arrives),
        TEST(test_one_that_ends_is_started_again),
        TEST(test_pauses_grow_to_a_bound_and_differ),
        TEST(test_garbage_makes_no_pause_short),
        TEST(test_a_line_makes_pauses_short_again),
        TEST(test_one_that_cannot_be_started_is_tried_again),
        TEST(test_one_that_may_not_be_executed),
        TEST(test_one_that_closes_its_output_is_ended),
        TEST(test_one_that_is_silent_is_ended_once_it_is_watched),
        TEST(test_nothing_is_expected_of_one_that_has_ended),
        TEST(test_any_byte_is_a_sign_of_life),
        TEST(test_without_a_limit_it_may_be_silent),
        TEST(test_the_time_that_this_process_stood_still_is_not_counted),
        TEST(test_one_whose_output_outlives_it_is_started_again),
        TEST(test_one_whose_output_never_ends_is_started_again),
        TEST(test_one_that_does_not_make_room_is_ended),
        TEST(test_a_stop_before_the_start),
        TEST(test_a_stop_ends_what_has_just_been_started),
        TEST(test_a_stop_ends_one_that_runs),
        TEST(test_a_stop_ends_one_that_stands_still),
        TEST(test_a_stop_after_its_end),
        TEST(test_a_stop_while_it_waits_for_its_restart),
        TEST(test_a_stop_right_after_a_start_that_failed),
    };
    return cmocka_run_group_tests(tests, open_libuv, NULL);
}
