/* Compiled regexes: each once, and taken over by the next table. */
#include "lb/route/regexes.h"
#include "lb/contract/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

static void test_each_is_compiled_once(void **state)
{
    struct regexes regexes = {0};
    (void)state;
    const struct pattern *a = regexes_get(&regexes, NULL, VIEW("a+"));
    const struct pattern *b = regexes_get(&regexes, NULL, VIEW("a"));
    assert_non_null(a);
    assert_ptr_not_equal(a, b);
    assert_ptr_equal(regexes_get(&regexes, NULL, VIEW("a+")), a);
    assert_ptr_equal(regexes_get(&regexes, NULL, VIEW("a")), b);
    assert_int_equal(regexes.count, 2);
    regexes_fini(&regexes);
}

static void test_the_next_table_takes_them_over(void **state)
{
    struct regexes before = {0}, regexes = {0};
    struct pattern_scratch *scratch = pattern_scratch_new();
    (void)state;
    const struct pattern *a = regexes_get(&before, NULL, VIEW("^a$"));
    assert_ptr_equal(regexes_get(&regexes, &before, VIEW("^a$")), a);
    regexes_fini(&before);
    assert_int_equal(pattern_matches(a, VIEW("a"), scratch), TRUTH_YES);
    regexes_fini(&regexes);
    pattern_scratch_free(scratch);
}

static void test_one_that_is_none(void **state)
{
    struct regexes regexes = {0};
    (void)state;
    assert_null(regexes_get(&regexes, NULL, VIEW("(a")));
    assert_int_equal(regexes.count, 0);
    regexes_fini(&regexes);
}

static void test_there_are_only_so_many(void **state)
{
    struct regexes regexes = {0};
    char text[16];
    (void)state;
    for (unsigned i = 0; i < LIMITS_REGEXES_MAX; i++) {
        snprintf(text, sizeof(text), "r%u", i);
        assert_non_null(regexes_get(&regexes, NULL, view_str(text)));
    }
    assert_null(regexes_get(&regexes, NULL, VIEW("one more")));
    assert_non_null(regexes_get(&regexes, NULL, VIEW("r7")));
    regexes_fini(&regexes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_compiled_once),
        cmocka_unit_test(test_the_next_table_takes_them_over),
        cmocka_unit_test(test_one_that_is_none),
        cmocka_unit_test(test_there_are_only_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
