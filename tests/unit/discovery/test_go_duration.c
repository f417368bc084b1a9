#include "discovery/go_duration.h"

#include "tests/unit/discovery/fixture.h"

static void test_times(void **state)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } fine[] = {
        {"10s", 10000},
        {"1m30s", 90000},
        {"1.5h", 5400000},
        {"100ms", 100},
        {".5s", 500},
        {"2.s", 2000},
        {"1000us", 1},
        {"1000\xC2\xB5s", 1},
        {"0", 0},
        {"0s", 0},
        {"1ns", 0},
        {"0.0000000000000000000000000000001s", 0},
        {"8760h", 31536000000},
        {"1h1m1s1ms", 3661001},
        {"1000000ns", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        uint64_t ms = 0;
        assert_true(go_duration_parse(view_str(fine[i].text), &ms));
        assert_int_equal(ms, fine[i].ms);
    }
}

static void test_no_times(void **state)
{
    static const char *const bad[] = {"",
                                      "10",
                                      "s",
                                      "-1s",
                                      "+1s",
                                      "1 s",
                                      "1d",
                                      "1S",

                                      ".s",
                                      "1.2",
                                      "1..s",
                                      "1sx",
                                      "x",
                                      "∞",
                                      "soon",
                                      "87841h",
                                      "1e3s",
                                      "999999999999999999999999999999h",
                                      "9999999999999999999s"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t ms;
        if (go_duration_parse(view_str(bad[i]), &ms))
            fail_msg("%s is taken", bad[i]);
    }
    assert_false(go_duration_parse(view_of(NULL, 0), &(uint64_t){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_no_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
