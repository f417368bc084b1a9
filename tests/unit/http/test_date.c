/* The value of Date at moments that are known, and until when it is true. */
#include "lb/http/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SECOND_NS 1000000000u

static void test_moments(void **state)
{
    static const struct {
        uint64_t second;
        const char *want;
    } rows[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"}, /* of RFC 9110 */
        {951782399, "Mon, 28 Feb 2000 23:59:59 GMT"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {1798761599, "Thu, 31 Dec 2026 23:59:59 GMT"},
        {1798761600, "Fri, 01 Jan 2027 00:00:00 GMT"},
        {4102444800, "Fri, 01 Jan 2100 00:00:00 GMT"},
    };
    struct date date = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        date_make(&date, 0, rows[i].second * SECOND_NS);
        if (!view_eq(date_text(&date), view_str(rows[i].want)))
            fail_msg("%.*s instead of %s", (int)DATE_BYTES, date.text, rows[i].want);
    }
}

static void test_all_days_and_months(void **state)
{
    static const char days[] = "Thu Fri Sat Sun Mon Tue Wed ";
    static const char months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
    struct date date = {0};
    (void)state;
    for (unsigned i = 0; i < 365; i++) {
        date_make(&date, 0, (uint64_t)i * 86400 * SECOND_NS);
        assert_memory_equal(date.text, days + 4 * (i % 7), 3);
    }
    for (unsigned i = 0; i < 12; i++) { /* 1970 has its i-th 30.5 days in its i-th month */
        date_make(&date, 0, (uint64_t)(i * 305 + 150) / 10 * 86400 * SECOND_NS);
        assert_memory_equal(date.text + 8, months + 4 * i, 3);
    }
}

/* By the owner's clock: up to the end of the second, in whole milliseconds. */
static void test_it_is_true_until_the_second_is_over(void **state)
{
    struct date date = {0};
    (void)state;
    date_make(&date, 5000, 7 * (uint64_t)SECOND_NS);
    assert_int_equal(date.until_ms, 6000);
    date_make(&date, 5000, 7 * (uint64_t)SECOND_NS + 250999999);
    assert_int_equal(date.until_ms, 5750);
    date_make(&date, 5000, 8 * (uint64_t)SECOND_NS - 1);
    assert_int_equal(date.until_ms, 5001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_all_days_and_months),
        cmocka_unit_test(test_it_is_true_until_the_second_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
