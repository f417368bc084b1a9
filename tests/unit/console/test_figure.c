/* Numbers for people, at the borders of each form. */
#include "lb/console/figure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_counts(void **state)
{
    char out[FIGURE_BYTES];
    (void)state;
    assert_string_equal(figure_count(-1, out), "-");
    assert_string_equal(figure_count(0, out), "0");
    assert_string_equal(figure_count(3, out), "3");
    assert_string_equal(figure_count(0.04, out), "0.04");
    assert_string_equal(figure_count(4.25, out), "4.2");
    assert_string_equal(figure_count(9.96, out), "10");
    assert_string_equal(figure_count(9999, out), "9999");
    assert_string_equal(figure_count(12345, out), "12.3k");
    assert_string_equal(figure_count(1234567, out), "1.2M");
    assert_string_equal(figure_count(1e300, out) ? "told" : "", "told");
}

static void test_times(void **state)
{
    char out[FIGURE_BYTES];
    (void)state;
    assert_string_equal(figure_ms(-1, out), "-");
    assert_string_equal(figure_ms(0.0556, out), "0.06");
    assert_string_equal(figure_ms(3.75, out), "3.8");
    assert_string_equal(figure_ms(250.4, out), "250");
    assert_string_equal(figure_ms(12340, out), "12.3s");
    assert_string_equal(figure_span(42, out), "42s");
    assert_string_equal(figure_span(-3, out), "0s");
    assert_string_equal(figure_span(3599, out), "59m");
    assert_string_equal(figure_span(11520, out), "3h12m");
    assert_string_equal(figure_span(86400 * 5 + 3 * 3600, out), "5d3h");
}

static void test_bytes(void **state)
{
    char out[FIGURE_BYTES];
    (void)state;
    assert_string_equal(figure_bytes(-1, out), "-");
    assert_string_equal(figure_bytes(817, out), "817");
    assert_string_equal(figure_bytes(1024, out), "1.0k");
    assert_string_equal(figure_bytes(268435456, out), "256M");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts), cmocka_unit_test(test_times),
                                       cmocka_unit_test(test_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
