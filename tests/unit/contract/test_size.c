/* Sizes, times and the other numbers and switches of routes. */
#include "lb/contract/size.h"

#include "tests/unit/contract/option_case.h"

static void test_what_sizes_are(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {{"off", 0},
                {"0", 0},
                {"1", 1},
                {"16k", 16384},
                {"10M", 10 << 20},
                {"2g", UINT64_C(2) << 30},
                {"1125899906842624", SIZE_BYTES_MAX}};
    static const char *const bad[] = {
        "", "k", "-1", "1 m", "1mb", "10x", "1125899906842625", "99999999999999999999g", "OFF"};
    uint64_t bytes;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(size_parse(view_str(rows[i].text), &bytes));
        assert_int_equal(bytes, rows[i].bytes);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (size_parse(view_str(bad[i]), &bytes))
            fail_msg("%s is taken", bad[i]);
}

static void test_numbers_and_switches_of_routes(void **state)
{
    static const struct option_row rows[] = {
        {ROUTE_OPTION_MAX_BODY, "10m", NULL},
        {ROUTE_OPTION_MAX_BODY, "off", NULL},
        {ROUTE_OPTION_MAX_BODY, "much", "is no size"},
        {ROUTE_OPTION_RESPONSE_TIMEOUT, "off", NULL},
        {ROUTE_OPTION_BODY_TIMEOUT, "90s", NULL},
        {ROUTE_OPTION_STREAM_TIMEOUT, "24h", NULL},
        {ROUTE_OPTION_RESPONSE_TIMEOUT, "25h", "is no time"},
        {ROUTE_OPTION_BODY_TIMEOUT, "90", "is no time"},
        {ROUTE_OPTION_STREAM_TIMEOUT, "-1s", "is no time"},
        {ROUTE_OPTION_RETRIES, "0", NULL},
        {ROUTE_OPTION_RETRIES, "7", NULL},
        {ROUTE_OPTION_RETRIES, "8", "is no such number"},
        {ROUTE_OPTION_RETRIES, "off", "is no such number"},
        {ROUTE_OPTION_ACCESS_LOG, "off", NULL},
        {ROUTE_OPTION_ACCESS_LOG, "on", NULL},
        {ROUTE_OPTION_ACCESS_LOG, "no", "is neither"},
    };
    (void)state;
    assert_options(rows, COUNT(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_sizes_are),
        cmocka_unit_test(test_numbers_and_switches_of_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
