/* Messages are admitted once a minute, and counted in between. */
#include "lb/base/log_repeat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#define SECOND UINT64_C(1000000000)

static void test_once_a_minute(void **state)
{
    struct log_repeat repeat = {0};
    struct view message;
    unsigned count;
    (void)state;
    assert_true(log_repeat_admit(&repeat, 5 * SECOND, VIEW("a")));
    assert_true(log_repeat_admit(&repeat, 6 * SECOND, VIEW("b")));
    for (unsigned i = 0; i < 7; i++)
        assert_false(log_repeat_admit(&repeat, (7 + i) * SECOND, VIEW("a")));
    assert_false(log_repeat_take(&repeat, 64 * SECOND, &message, &count));
    assert_true(log_repeat_take(&repeat, 65 * SECOND, &message, &count));
    assert_true(view_eq(message, VIEW("a")));
    assert_int_equal(count, 7);
    assert_false(log_repeat_take(&repeat, 66 * SECOND, &message, &count));
    assert_true(log_repeat_admit(&repeat, 66 * SECOND, VIEW("a")));
    assert_true(log_repeat_admit(&repeat, 67 * SECOND, VIEW("b")));
}

static void test_nothing_is_a_message(void **state)
{
    struct log_repeat repeat = {0};
    (void)state;
    assert_true(log_repeat_admit(&repeat, SECOND, view_of(NULL, 0)));
    assert_false(log_repeat_admit(&repeat, SECOND, view_of(NULL, 0)));
}

static void test_the_end_takes_all(void **state)
{
    struct log_repeat repeat = {0};
    struct view message;
    unsigned count, taken = 0;
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        log_repeat_admit(&repeat, SECOND, VIEW("a"));
        log_repeat_admit(&repeat, SECOND, VIEW("b"));
        log_repeat_admit(&repeat, SECOND, i ? VIEW("c") : VIEW("d"));
    }
    for (; log_repeat_take(&repeat, UINT64_MAX, &message, &count); taken++)
        assert_int_equal(count, 1);
    assert_int_equal(taken, 2);
}

/* More different messages than it remembers: all are admitted, and what was counted stays. */
static void test_many_different(void **state)
{
    struct log_repeat repeat = {0};
    struct view message;
    unsigned count;
    char text[300];
    (void)state;
    memset(text, 'x', sizeof(text));
    struct view storm = view_of(text, sizeof(text));
    log_repeat_admit(&repeat, SECOND, storm);
    log_repeat_admit(&repeat, SECOND, storm);
    for (unsigned i = 0; i < 100; i++) {
        char other[20];
        int len = snprintf(other, sizeof(other), "other %u", i);
        assert_true(log_repeat_admit(&repeat, 2 * SECOND + i, view_of(other, (size_t)len)));
    }
    assert_false(log_repeat_admit(&repeat, 3 * SECOND, storm));
    assert_false(log_repeat_admit(&repeat, 3 * SECOND, VIEW("other 99"))); /* the newest stay */
    assert_true(log_repeat_take(&repeat, 61 * SECOND, &message, &count));
    assert_int_equal(count, 2);
    assert_true(view_eq(message, view_of(text, LOG_REPEAT_TEXT_BYTES)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_a_minute),
        cmocka_unit_test(test_nothing_is_a_message),
        cmocka_unit_test(test_the_end_takes_all),
        cmocka_unit_test(test_many_different),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
