/* Containers that come and go: how often within which time, and for how many of them that is remembered. */
#include "lb/follow/crash_loops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#define SECOND UINT64_C(1000)

static struct crash_loops loops;
static uint64_t version, span_ms;

static int close_loops(void **state)
{
    (void)state;
    crash_loops_fini(&loops);
    return 0;
}

static bool come(const char *name, uint64_t now_ms)
{
    return crash_loops_note_came(&loops, name, now_ms, &span_ms);
}

/* Gives whether it was told. */
static bool go_and_come(const char *name, uint64_t now_ms)
{
    crash_loops_note_went(&loops, name, ++version, now_ms);
    return come(name, now_ms + SECOND);
}

static void test_so_often_in_that_time(void **state)
{
    (void)state;
    assert_false(come("a", 1));
    for (unsigned i = 1; i < CRASH_LOOPS_COUNT; i++)
        assert_false(go_and_come("a", i * 10 * SECOND));
    assert_true(go_and_come("a", 100 * SECOND));
    assert_int_equal(span_ms, 90 * SECOND);
    assert_false(go_and_come("a", 101 * SECOND)); /* it was told */
}

static void test_more_slowly(void **state)
{
    (void)state;
    for (unsigned i = 1; i < 50; i++)
        assert_false(go_and_come("a", i * (CRASH_LOOPS_MS / (CRASH_LOOPS_COUNT - 1))));
}

static void test_it_is_told_again_after_a_while(void **state)
{
    unsigned told_count = 0;
    (void)state;
    for (unsigned i = 1; i <= 130; i++)
        told_count += go_and_come("a", i * 10 * SECOND);
    assert_int_equal(told_count, 3); /* at 50, 650 and 1250 s */
}

/* Of several ports, in one snapshot. */
static void test_one_that_goes_once_for_each_port(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 2 * CRASH_LOOPS_COUNT; i++)
        crash_loops_note_went(&loops, "a", i / 3, i);
    assert_false(come("a", 100));
}

static void test_so_many_are_remembered(void **state)
{
    char name[16];
    (void)state;
    for (unsigned i = 1; i < CRASH_LOOPS_COUNT; i++)
        go_and_come("first", i);
    for (unsigned i = 1; i < CRASH_LOOPS_MAX; i++) {
        snprintf(name, sizeof(name), "other%u", i);
        go_and_come(name, 1000 + i);
    }
    assert_int_equal(loops.count, CRASH_LOOPS_MAX);
    go_and_come("one more", 9000);
    assert_int_equal(loops.count, CRASH_LOOPS_MAX);
    assert_false(go_and_come("first", 9001)); /* it went for the longest time, and is forgotten */
    for (unsigned i = 1; i < CRASH_LOOPS_COUNT; i++)
        assert_int_equal(go_and_come("first", 9001 + i), i == CRASH_LOOPS_COUNT - 1);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_teardown(test, close_loops)
    const struct CMUnitTest tests[] = {
        TEST(test_so_often_in_that_time),          TEST(test_more_slowly),
        TEST(test_it_is_told_again_after_a_while), TEST(test_one_that_goes_once_for_each_port),
        TEST(test_so_many_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
