/* Rates as people write them: what they mean, how they are written again, and what is said of words
 * that are none. */
#include "lb/contract/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_what_they_mean(void **state)
{
    static const struct {
        const char *text;
        struct rate rate;
        const char *formatted;
    } cases[] = {
        {"100/s", {100, 1, 100}, "100/s"},      {"10/m burst 20", {10, 60, 20}, "10/m burst 20"},
        {"5/h", {5, 3600, 5}, "5/h"},           {"30/10s", {30, 10, 30}, "30/10s"},
        {"1/60s", {1, 60, 1}, "1/m"},           {"2/90m burst 1", {2, 5400, 1}, "2/90m burst 1"},
        {"7/24h", {7, 86400, 7}, "7/24h"},      {" 10/S  BURST  3 ", {10, 1, 3}, "10/s burst 3"},
        {"10/s burst 10", {10, 1, 10}, "10/s"}, {"1000000/s", {1000000, 1, 1000000}, "1000000/s"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rate rate, again;
        struct text text = TEXT_INIT, problem = TEXT_INIT;
        assert_true(rate_parse(view_str(cases[i].text), &rate, &text));
        assert_int_equal(rate.count, cases[i].rate.count);
        assert_int_equal(rate.period_s, cases[i].rate.period_s);
        assert_int_equal(rate.burst, cases[i].rate.burst);
        rate_format(&rate, &text);
        assert_string_equal(text_str(&text), cases[i].formatted);
        assert_true(rate_parse(text_view(&text), &again, &problem));
        assert_memory_equal(&rate, &again, sizeof(rate));
        text_fini(&text);
    }
}

static void test_what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "is no number"},        {"100", "is no number"},
        {"/s", "is no number"},      {"0/s", "is no number"},
        {"-1/s", "is no number"},    {"1.5/s", "is no number"},
        {"1000001/s", "1000000"},    {"10/d", "a time of"},
        {"10/25h", "at most a day"}, {"10/0s", "is no number"},
        {"10/", "is no number"},     {"10/s/m", "is no number"},
        {"10/s burst", "burst"},     {"10/s burst 0", "burst"},
        {"10/s 20", "burst"},        {"10/s burst 20 30", "burst"},
        {"1/24h burst 8", "a week"}, {"99999999999999999999/s", "is no number"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rate rate = {7, 7, 7};
        struct text problem = TEXT_INIT;
        assert_false(rate_parse(view_str(cases[i].text), &rate, &problem));
        assert_non_null(strstr(text_str(&problem), cases[i].part));
        assert_int_equal(rate.count, 7);
        text_fini(&problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_they_mean),
        cmocka_unit_test(test_what_is_wrong_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
