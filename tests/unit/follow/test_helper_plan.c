/* The plan as the master reads it: a head, and as many strings as it says. */
#include "lb/follow/helper_plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "lb/contract/channel.h"

static void test_what_is_written(void **state)
{
    static const char strings[] = "/x/prog\0--docker\0--file=/a b\0A=1";
    struct helper_plan plan = {.program = "/x/prog"};
    struct channel_plan head;
    char bytes[sizeof(strings) + 1];
    (void)state;
    helper_words_add(&plan.arguments, "--docker");
    helper_words_add(&plan.arguments, "--file=%s", "/a b");
    helper_words_set(&plan.environment, "A", "1");
    int fd = helper_plan_write(&plan, 5000, 5009);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &head, sizeof(head), 0), sizeof(head));
    assert_int_equal(head.argument_count, 2);
    assert_int_equal(head.environment_count, 1);
    assert_int_equal(head.port_low, 5000);
    assert_int_equal(head.port_high, 5009);
    assert_int_equal(head.strings_bytes, sizeof(strings));
    assert_int_equal(pread(fd, bytes, sizeof(bytes), sizeof(head)), sizeof(strings));
    assert_memory_equal(bytes, strings, sizeof(strings));
    close(fd);
    helper_plan_fini(&plan);
}

static void test_one_that_is_too_long(void **state)
{
    struct helper_plan plan = {.program = "p"};
    char *word = malloc(CHANNEL_PLAN_BYTES_MAX);
    (void)state;
    memset(word, 'x', CHANNEL_PLAN_BYTES_MAX - 1);
    word[CHANNEL_PLAN_BYTES_MAX - 1] = '\0';
    helper_words_add(&plan.arguments, "%s", word);
    assert_int_equal(helper_plan_write(&plan, 0, 0), -E2BIG);
    helper_plan_fini(&plan);
    free(word);
}

static void test_which_are_the_same(void **state)
{
    struct helper_plan one = {.program = "p"}, other = {.program = "p"};
    (void)state;
    assert_true(helper_plan_is_same(&one, &other));
    helper_words_add(&one.arguments, "a");
    assert_false(helper_plan_is_same(&one, &other));
    helper_words_add(&other.arguments, "a");
    helper_words_set(&other.environment, "N", "1");
    assert_false(helper_plan_is_same(&one, &other));
    helper_words_set(&one.environment, "N", "1");
    assert_true(helper_plan_is_same(&one, &other));
    other.program[0] = 'q';
    assert_false(helper_plan_is_same(&one, &other));
    helper_plan_fini(&one);
    helper_plan_fini(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written),
        cmocka_unit_test(test_one_that_is_too_long),
        cmocka_unit_test(test_which_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
