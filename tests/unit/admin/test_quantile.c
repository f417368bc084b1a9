/* Quantiles of buckets: interpolated within one, and never beyond the largest bound. */
#include "lb/admin/quantile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const uint64_t bounds[] = {10, 20, 40};

static void test_they_are_interpolated(void **state)
{
    uint64_t buckets[4] = {0};
    (void)state;
    assert_true(quantile_ns(buckets, bounds, 3, 99) == 0);
    buckets[1] = 100;
    assert_true(quantile_ns(buckets, bounds, 3, 50) == 15);
    assert_true(quantile_ns(buckets, bounds, 3, 100) == 20);
    buckets[0] = 100;
    assert_true(quantile_ns(buckets, bounds, 3, 50) == 10);
    assert_true(quantile_ns(buckets, bounds, 3, 25) == 5);
    buckets[3] = 300; /* beyond */
    assert_true(quantile_ns(buckets, bounds, 3, 99) == 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_they_are_interpolated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
