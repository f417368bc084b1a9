/* Without memory, and to the last byte. */
#include "lb/run/crash_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "lb/base/clock.h"

static void test_numbers(void **state)
{
    static const unsigned char bytes[] = {0, 10, 255};
    struct crash_text text = {.len = 0};
    (void)state;
    crash_text_append_number(&text, 0);
    crash_text_append(&text, " ");
    crash_text_append_number(&text, UINT64_MAX);
    crash_text_append(&text, " ");
    crash_text_append_hex(&text, UINT64_MAX);
    crash_text_append(&text, " ");
    crash_text_append_bytes(&text, bytes, sizeof(bytes));
    assert_string_equal(text.bytes, "0 18446744073709551615 0xffffffffffffffff 000aff");
}

static void test_what_json_would_escape(void **state)
{
    struct crash_text text = {.len = 0};
    (void)state;
    crash_text_append_safe(&text, "a\"b\\c\nd\xff"
                                  "e f");
    assert_string_equal(text.bytes, "a?b?c?d?e f");
}

static void test_times_are_those_of_the_clock(void **state)
{
    static const uint64_t seconds[] = {0,          951782399,  951782400,  1078012800, 1709164800,
                                       1709251199, 1735689599, 1796026277, 4107542399, 4107542400};
    (void)state;
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        struct crash_text text = {.len = 0};
        char expected[CLOCK_TEXT_BYTES];
        uint64_t wall_ns = seconds[i] * 1000000000u + 1002999;
        crash_text_append_time(&text, wall_ns);
        assert_string_equal(text.bytes, clock_format(wall_ns, expected));
    }
}

static void test_what_does_not_fit_is_left_out(void **state)
{
    struct crash_text text = {.len = 0};
    (void)state;
    for (unsigned i = 0; i < 2000; i++)
        crash_text_append(&text, "abc");
    assert_int_equal(text.len, CRASH_TEXT_BYTES_MAX - 1);
    assert_int_equal(strlen(text.bytes), CRASH_TEXT_BYTES_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_what_json_would_escape),
        cmocka_unit_test(test_times_are_those_of_the_clock),
        cmocka_unit_test(test_what_does_not_fit_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
