/* A few buckets, and their sums. */
#include "lb/observe/coarse_histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/observe/histogram.h"

static void test_bounds(void **state)
{
    const uint64_t *bounds = coarse_histogram_bounds_ns();
    (void)state;
    for (unsigned i = 0; i < COARSE_HISTOGRAM_BOUND_COUNT; i++) {
        assert_true(i == 0 || bounds[i - 1] < bounds[i]);
        assert_int_equal(histogram_bounds_ns()[histogram_bucket(bounds[i])], bounds[i]);
    }
}

static void test_observe_and_merge(void **state)
{
    const uint64_t *bounds = coarse_histogram_bounds_ns();
    struct coarse_histogram histogram = {0}, sum = {0};
    (void)state;
    coarse_histogram_observe(&histogram, 0);
    for (unsigned i = 0; i < COARSE_HISTOGRAM_BOUND_COUNT; i++) {
        coarse_histogram_observe(&histogram, bounds[i]); /* a bound belongs to its bucket */
        coarse_histogram_observe(&histogram, bounds[i] + 1);
    }
    coarse_histogram_merge(&sum, &histogram);
    coarse_histogram_merge(&sum, &histogram);
    for (unsigned i = 0; i < COARSE_HISTOGRAM_BOUND_COUNT; i++)
        assert_int_equal(counter_get(&sum.buckets[i]), 4);
    assert_int_equal(counter_get(&sum.buckets[COARSE_HISTOGRAM_BOUND_COUNT]), 2);
    assert_int_equal(counter_get(&sum.sum_ns), 2 * counter_get(&histogram.sum_ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_observe_and_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
