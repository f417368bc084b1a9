#include "discovery/go_duration.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_what_go_takes(void **state)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } cases[] = {
        {"0", 0},          {"10s", 10000}, {"1m", 60000},     {"1h30m", 5400000},
        {"1.5s", 1500},    {".5s", 500},   {"5.s", 5000},     {"1500us", 1},
        {"1500µs", 1},     {"999ns", 0},   {"2ms3us", 2},     {"90s", 90000},
        {"0s", 0},         {"0.001s", 1},  {"24h", 86400000}, {"1.123456789s", 1123},
        {"1m0.5s", 60500},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t ms;
        if (!go_duration_parse(view_str(cases[i].text), &ms) || ms != cases[i].ms)
            fail_msg("%s: %llu", cases[i].text, (unsigned long long)ms);
    }
}

static void test_what_go_refuses(void **state)
{
    static const char *const cases[] = {
        "",    "10",   "s",   ".s",   "1d",  "-1s",          "+1s",
        "1s ", " 1s",  "1 s", "1e3s", "1s1", "99999999999h", "1234567890123s",
        "ten", "1,5s", "m1",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t ms;
        if (go_duration_parse(view_str(cases[i]), &ms))
            fail_msg("%s: %llu", cases[i], (unsigned long long)ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_go_takes),
        cmocka_unit_test(test_what_go_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
