/* For how long a server wants nothing, as its headers say, whatever is in them. */
#include "lb/sentry/sentry_limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define NOW_NS    UINT64_C(5000000000)
#define SECOND_NS UINT64_C(1000000000)
#define WALL_NS   (UINT64_C(784111777) * SECOND_NS) /* Sun, 06 Nov 1994 08:49:37 GMT */

static const struct row {
    unsigned status;
    const char *retry_after, *rate_limits;
    unsigned seconds;
} rows[] = {
    {200, "", "", 0},
    {200, "60", "", 0}, /* that is of 429 */
    {503, "60", "", 0},
    {429, "", "", 60},
    {429, "0", "", 0},
    {429, "7", "", 7},
    {429, " 7 ", "", 7},
    {429, "2.1", "", 3},
    {429, "2.0", "", 2},
    {429, "-1", "", 60},
    {429, "1e9", "", 60},
    {429, "never", "", 60},
    {429, "99999999999999999999999999999999999999", "", 86400},
    {429, "Sun, 06 Nov 1994 08:50:07 GMT", "", 30},
    {429, "Sun, 06 Nov 1994 08:00:00 GMT", "", 0},
    {429, "Sun, 06 Nov 2994 08:00:00 GMT", "", 86400},
    {429, "Sun, 06 Nov 1994 08:50:07 GMT and more", "", 60},
    {200, "", "10:error:project:quota", 10},
    {200, "", "10:default", 10},
    {200, "", "10:ERROR", 10},
    {200, "", "10::organization", 10},
    {200, "", "10", 10},
    {200, "", "10:", 10},
    {200, "", "10:transaction:organization", 0},
    {200, "", "10:transaction;error;attachment:organization", 10},
    {200, "", "10:transaction;errors:organization", 0},
    {200, "", "60:transaction:key, 2700:default;error;security:organization:x", 2700},
    {200, "", "5:error,100:error , 50:error", 100},
    {200, "", "x:error, 3:error", 3},
    {200, "", ":::,,,;;;", 0},
    {200, "", "99999999999999999999:error", 86400},
    {429, "500", "10:error", 10},      /* it says it more precisely there */
    {429, "500", "10:transaction", 0}, /* and means others */
    {429, "500", "what is that", 500},
    {429, "", "what is that", 60},
    {0, "5", "10:error", 10},
};

static unsigned learn(struct sentry_limits *limits, const struct row *row)
{
    struct sentry_limits_answer answer = {.status = row->status,
                                          .retry_after = view_str(row->retry_after),
                                          .rate_limits = view_str(row->rate_limits),
                                          .wall_ns = WALL_NS};
    sentry_limits_learn(limits, NOW_NS, &answer);
    return limits->until_ns > 0 ? (unsigned)((limits->until_ns - NOW_NS) / SECOND_NS) : 0;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sentry_limits limits = {0};
        unsigned seconds = learn(&limits, &rows[i]);
        if (seconds != rows[i].seconds)
            print_error("%u, \"%s\", \"%s\": %u s\n", rows[i].status, rows[i].retry_after,
                        rows[i].rate_limits, seconds);
        assert_int_equal(seconds, rows[i].seconds);
    }
}

static void test_the_longest_stays(void **state)
{
    struct sentry_limits limits = {0};
    (void)state;
    assert_false(sentry_limits_hold(&limits, NOW_NS));
    assert_int_equal(learn(&limits, &(struct row){429, "100", "", 0}), 100);
    assert_int_equal(learn(&limits, &(struct row){429, "10", "", 0}), 100);
    assert_int_equal(learn(&limits, &(struct row){200, "", "", 0}), 100);
    assert_int_equal(learn(&limits, &(struct row){200, "", "200:error", 0}), 200);
    assert_true(sentry_limits_hold(&limits, NOW_NS + 200 * SECOND_NS - 1));
    assert_false(sentry_limits_hold(&limits, NOW_NS + 200 * SECOND_NS));
}

/* As long as a list may be, and longer. */
static void test_many(void **state)
{
    char list[2048];
    struct sentry_limits limits = {0};
    (void)state;
    memset(list, ',', sizeof(list));
    list[sizeof(list) - 1] = '\0';
    assert_int_equal(learn(&limits, &(struct row){429, "", list, 0}), 60);
    memset(list, ';', sizeof(list));
    memcpy(list, "9:", 2);
    memcpy(list + sizeof(list) - 7, ";error", 7);
    limits.until_ns = 0;
    assert_int_equal(learn(&limits, &(struct row){200, "", list, 0}), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_the_longest_stays),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
