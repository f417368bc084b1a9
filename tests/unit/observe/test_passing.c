/* What a worker counts of the connections of a service, and the sum over workers. */
#include "lb/observe/passing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_ends(void **state)
{
    struct passing passing = {0};
    (void)state;
    counter_add(&passing.open_count, 4);
    passing_end(&passing, ERR_OK, UINT64_C(70000000000));
    passing_end(&passing, ERR_OK, 1);
    passing_end(&passing, ERR_DRAINED, 2);
    assert_int_equal(counter_get(&passing.ends[ERR_OK]), 2);
    assert_int_equal(counter_get(&passing.ends[ERR_DRAINED]), 1);
    assert_int_equal(counter_get(&passing.ends[ERR_IDLE]), 0);
    assert_int_equal(counter_get(&passing.open_count), 1);
    assert_int_equal(histogram_count(&passing.durations), 3);
    assert_int_equal(counter_get(&passing.durations.sum_ns), UINT64_C(70000000003));
}

static void test_sum(void **state)
{
    struct passing sum = {0}, one = {0}, other = {0};
    (void)state;
    counter_add(&one.count, 3);
    counter_add(&one.open_count, 2);
    counter_add(&other.open_count, 1);
    counter_add(&other.lost_datagram_count, 7);
    passing_end(&one, ERR_OK, 5);
    passing_end(&other, ERR_OK, 6);
    passing_merge(&sum, &one);
    passing_merge(&sum, &other);
    assert_int_equal(counter_get(&sum.count), 3);
    assert_int_equal(counter_get(&sum.open_count), 1);
    assert_int_equal(counter_get(&sum.lost_datagram_count), 7);
    assert_int_equal(counter_get(&sum.ends[ERR_OK]), 2);
    assert_int_equal(counter_get(&sum.durations.sum_ns), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
