/* Who is far above the median of its siblings. */
#include "lb/admin/latency_outliers.h"

#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_of_one_nothing_is_said(void **state)
{
    double one[] = {900};
    (void)state;
    assert_true(isinf(latency_outliers_limit_ms(one, 0)));
    assert_true(isinf(latency_outliers_limit_ms(one, 1)));
}

static void test_thrice_the_median_and_ten_ms_more(void **state)
{
    double two[] = {100, 10}, three[] = {50, 1000, 40}, fast[] = {0.1, 0.2, 3};
    (void)state;
    assert_true(latency_outliers_limit_ms(two, 2) == 30);
    assert_true(latency_outliers_limit_ms(three, 3) == 150);
    assert_true(latency_outliers_limit_ms(fast, 3) == 10.2); /* nobody */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_one_nothing_is_said),
        cmocka_unit_test(test_thrice_the_median_and_ten_ms_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
