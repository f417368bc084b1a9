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
        struct text text = TEXT_INIT;
        assert_true(rate_parse(view_str(cases[i].text), &rate, NULL));
        assert_int_equal(rate.count, cases[i].rate.count);
        assert_int_equal(rate.period_s, cases[i].rate.period_s);
        assert_int_equal(rate.burst, cases[i].rate.burst);
        rate_format(&rate, &text);
        assert_string_equal(text_str(&text), cases[i].formatted);
        assert_true(rate_parse(text_view(&text), &again, NULL));
        assert_memory_equal(&rate, &again, sizeof(rate));
        text_fini(&text);
    }
}

static void test_what_is_none_is_told_with_a_remedy(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "is no rate"},
        {"100", "is no rate"},
        {"/s", "is no rate"},
        {"0/s", "a number from 1"},
        {"-1/s", "is no rate"},
        {"1.5/s", "is no rate"},
        {"1000001/s", "1000000"},
        {"10/d", "for example 100/s"},
        {"10/25h", "at most a day"},
        {"10/0s", "is no rate"},
        {"10/", "is no rate"},
        {"10/s/m", "is no rate"},
        {"10/s burst", "behind the word"},
        {"10/s burst 0", "behind the word"},
        {"10/s 20", "burst"},
        {"10/s burst 20 30", "burst"},
        {"1/24h burst 8", "smaller burst"},
        {"99999999999999999999/s", "is no rate"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rate rate = {7, 7, 7};
        struct text problem = TEXT_INIT;
        assert_false(rate_parse(view_str(cases[i].text), &rate, &problem));
        assert_false(rate_parse(view_str(cases[i].text), &rate, NULL));
        assert_non_null(strstr(text_str(&problem), cases[i].part));
        assert_int_equal(rate.count, 7);
        text_fini(&problem);
    }
}

static void test_hostile_words_are_told_short_and_printable(void **state)
{
    char word[4096];
    struct rate rate;
    struct text problem = TEXT_INIT;
    (void)state;
    memset(word, '\x1b', sizeof(word));
    assert_false(rate_parse(view_of(word, sizeof(word)), &rate, &problem));
    assert_true(problem.len < 300);
    assert_null(strchr(text_str(&problem), '\x1b'));
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_they_mean),
        cmocka_unit_test(test_what_is_none_is_told_with_a_remedy),
        cmocka_unit_test(test_hostile_words_are_told_short_and_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
