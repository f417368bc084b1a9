/* When to renew, and how long to wait. */
#include "acme/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define DAY   INT64_C(86400)
#define BEGIN INT64_C(1800000000)

static void test_two_thirds(void **state)
{
    (void)state;
    int64_t earliest_s = INT64_MAX, latest_s = 0;
    for (uint64_t salt = 0; salt < 1000; salt++) {
        int64_t at_s =
            schedule_renewal_s(BEGIN, BEGIN + 90 * DAY, salt * UINT64_C(0x9E3779B97F4A7C15));
        earliest_s = at_s < earliest_s ? at_s : earliest_s;
        latest_s = at_s > latest_s ? at_s : latest_s;
    }
    assert_true(earliest_s >= BEGIN + 57 * DAY && earliest_s < BEGIN + 58 * DAY);
    assert_true(latest_s > BEGIN + 59 * DAY && latest_s <= BEGIN + 60 * DAY);
    assert_int_equal(schedule_renewal_s(BEGIN, BEGIN, 5), BEGIN);
    assert_int_equal(schedule_renewal_s(BEGIN, BEGIN - 1, 5), BEGIN);
    assert_true(schedule_renewal_s(BEGIN, BEGIN + 6 * DAY, 7) <= BEGIN + 4 * DAY);
}

static void test_window(void **state)
{
    (void)state;
    int64_t end = BEGIN + 90 * DAY;
    int64_t at_s = schedule_window_s(BEGIN + 10 * DAY, BEGIN + 12 * DAY, BEGIN, end, 123456789);
    assert_true(at_s >= BEGIN + 10 * DAY && at_s <= BEGIN + 12 * DAY);
    /* revoked: at once, but not on the first day */
    assert_int_equal(schedule_window_s(BEGIN - DAY, BEGIN - DAY, BEGIN, end, 3), BEGIN + DAY);
    assert_int_equal(schedule_window_s(1, 2, BEGIN, BEGIN + 3 * DAY, 3), BEGIN + DAY / 2);
    /* never too late, whatever is said */
    assert_true(schedule_window_s(end + DAY, end + 2 * DAY, BEGIN, end, 3) < end);
    assert_true(schedule_window_s(INT64_MAX / 2, INT64_MAX, BEGIN, end, UINT64_MAX) < end);
}

static void test_retry(void **state)
{
    static const int64_t waits_s[] = {60, 180, 540, 1620, 4860, 14580, 43200, 43200};
    (void)state;
    for (unsigned i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
        assert_int_equal(schedule_retry_after_s(i + 1, 0, 0), waits_s[i]);
        assert_true(schedule_retry_after_s(i + 1, 0, UINT64_MAX) <= waits_s[i] + waits_s[i] / 8);
    }
    assert_int_equal(schedule_retry_after_s(0, 0, 0), 60);
    assert_int_equal(schedule_retry_after_s(1000000, 0, 0), 43200);
    assert_int_equal(schedule_retry_after_s(1, 7000, 0), 7000);
    assert_int_equal(schedule_retry_after_s(7, 7000, 0), 43200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_thirds),
                                       cmocka_unit_test(test_window), cmocka_unit_test(test_retry)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
