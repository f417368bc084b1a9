/* Durations fall into buckets whose bounds belong to them. */
#include "lb/observe/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_bounds_ascend(void **state)
{
    const uint64_t *bounds_ns = histogram_bounds_ns();
    (void)state;
    assert_int_equal(bounds_ns[0], 100000);
    assert_int_equal(bounds_ns[HISTOGRAM_BOUND_COUNT - 1], UINT64_C(60000000000));
    for (unsigned i = 1; i < HISTOGRAM_BOUND_COUNT; i++)
        assert_true(bounds_ns[i] > bounds_ns[i - 1]);
}

/* Where it is not above a bound, it is in that bucket. */
static void test_buckets(void **state)
{
    (void)state;
    assert_int_equal(histogram_bucket(0), 0);
    for (unsigned i = 0; i < HISTOGRAM_BOUND_COUNT; i++) {
        assert_int_equal(histogram_bucket(histogram_bounds_ns()[i]), i);
        assert_int_equal(histogram_bucket(histogram_bounds_ns()[i] + 1), i + 1);
    }
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BOUND_COUNT);
}

static void test_observe(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    histogram_observe(&histogram, 3);
    histogram_observe(&histogram, 4);
    histogram_observe(&histogram, UINT64_C(1) << 40);
    assert_int_equal(counter_get(&histogram.buckets[0]), 2);
    assert_int_equal(counter_get(&histogram.buckets[HISTOGRAM_BOUND_COUNT]), 1);
    assert_int_equal(counter_get(&histogram.sum_ns), 7 + (UINT64_C(1) << 40));
    assert_int_equal(histogram_count(&histogram), 3);
}

/* An open connection goes as well as comes. */
static void test_add(void **state)
{
    counter64 counter = 5;
    (void)state;
    counter_add(&counter, (uint64_t)-2);
    assert_int_equal(counter_get(&counter), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_ascend),
        cmocka_unit_test(test_buckets),
        cmocka_unit_test(test_observe),
        cmocka_unit_test(test_add),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
