/* The words of reasons: there and back. */
#include "lb/contract/left_out_reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_there_and_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LEFT_OUT_REASON_COUNT; i++)
        assert_int_equal(left_out_reason_parse(left_out_reason_word((enum left_out_reason)i)), i);
    assert_string_equal(left_out_reason_word(LEFT_OUT_NO_SHARED_NETWORK), "no_shared_network");
}

static void test_what_is_no_word(void **state)
{
    (void)state;
    assert_int_equal(left_out_reason_parse("unheard_of"), LEFT_OUT_REASON_COUNT);
    assert_int_equal(left_out_reason_parse(""), LEFT_OUT_REASON_COUNT);
    assert_int_equal(left_out_reason_parse(NULL), LEFT_OUT_REASON_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_is_no_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
