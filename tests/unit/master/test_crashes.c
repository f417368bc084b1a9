#include "lb/master/crashes.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define SECOND 1000000000ull

static unsigned crash(struct channel_history *history, int status, uint64_t lived_ns, bool *loops)
{
    struct crashes_case one = {
        .status = status, .lived_ns = lived_ns, .wall_ns = 77, .lost_count = 5};
    return crashes_count(history, &one, loops);
}

static void the_first_is_answered_at_once_and_more_later_and_later(void **state)
{
    static const unsigned pauses_ms[] = {0, 100, 200, 400, 800, 1600, 3200, 5000, 5000};
    struct channel_history history = {0};
    bool loops;
    (void)state;
    for (unsigned i = 0; i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
        assert_int_equal(crash(&history, SIGSEGV, 2 * SECOND, &loops), pauses_ms[i]);
        assert_int_equal(loops, i == 2);
        assert_int_equal(history.is_crash_loop, i >= 2);
        assert_int_equal(history.crashes_in_a_row, i + 1);
    }
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(crash(&history, SIGSEGV, 0, &loops), 5000);
}

static void one_that_has_lived_begins_a_new_row(void **state)
{
    struct channel_history history = {0};
    bool loops;
    (void)state;
    crash(&history, SIGSEGV, SECOND, &loops);
    crash(&history, SIGSEGV, SECOND, &loops);
    assert_int_equal(crash(&history, SIGSEGV, CRASHES_EARLY_NS, &loops), 0);
    assert_int_equal(history.crashes_in_a_row, 1);
    assert_false(loops);
}

static void a_loop_lasts_until_one_has_lived_a_minute(void **state)
{
    struct channel_history history = {0};
    bool loops;
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        crash(&history, SIGABRT, SECOND, &loops);
    crash(&history, SIGABRT, 59 * SECOND, &loops);
    assert_true(history.is_crash_loop);
    assert_false(loops); /* it is the same one */
    assert_false(crashes_calm_down(&history, 59 * SECOND));
    assert_true(crashes_calm_down(&history, 60 * SECOND));
    assert_false(history.is_crash_loop);
    assert_false(crashes_calm_down(&history, 61 * SECOND)); /* told once */
}

static void reasons_are_counted_each_and_too_many_together(void **state)
{
    struct channel_history history = {0};
    bool loops;
    uint64_t sum = 0;
    (void)state;
    crash(&history, 3 << 8, 0, &loops);
    crash(&history, 0, 0, &loops);
    crash(&history, SIGSEGV | 0x80, 0, &loops); /* with a core */
    assert_string_equal(history.crashes[0].word, "exit");
    assert_int_equal(history.crashes[0].count, 2);
    assert_string_equal(history.crashes[1].word, "SIGSEGV");
    for (int number = 1; number < 32; number++)
        crash(&history, number, 0, &loops);
    assert_string_equal(history.crashes[CHANNEL_REASON_MAX - 1].word, "other");
    for (unsigned i = 0; i < CHANNEL_REASON_MAX; i++)
        sum += history.crashes[i].count;
    assert_int_equal(sum, 34);
    assert_int_equal(history.lost_request_count, 34 * 5);
    assert_int_equal(history.last_crash_ns, 77);
}

static void what_happened_in_words(void **state)
{
    char text[CRASHES_TEXT_BYTES];
    (void)state;
    assert_string_equal(crashes_describe(SIGSEGV, text), "signal 11 (SIGSEGV)");
    assert_string_equal(crashes_describe(3 << 8, text), "exit status 3");
    assert_string_equal(crashes_describe(40, text), "signal 40 (signal 40)");
    assert_string_equal(crashes_span(80 * 1000000ull, text), "80 ms");
    assert_string_equal(crashes_span(119 * SECOND, text), "119 s");
    assert_string_equal(crashes_span(3 * 3600 * SECOND, text), "3 h");
    assert_string_equal(crashes_span(100 * 86400 * SECOND, text), "100 days");
    assert_int_equal(crashes_exit_status(SIGTERM), 143);
    assert_int_equal(crashes_exit_status(2 << 8), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_answered_at_once_and_more_later_and_later),
        cmocka_unit_test(one_that_has_lived_begins_a_new_row),
        cmocka_unit_test(a_loop_lasts_until_one_has_lived_a_minute),
        cmocka_unit_test(reasons_are_counted_each_and_too_many_together),
        cmocka_unit_test(what_happened_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
