/* Times as the engine writes them. */
#include "discovery/docker/time_text.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_times(void **state)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } cases[] = {
        {"1970-01-01T00:00:01Z", UINT64_C(1000000000)},
        {"2024-02-29T12:34:56.123456789Z", UINT64_C(1709210096123456789)},
        {"2024-03-01T00:00:00.5Z", UINT64_C(1709251200500000000)},
        {"2023-12-31T23:59:59.1234567890123Z", UINT64_C(1704067199123456789)},
        {"2024-01-01T02:00:00+02:00", UINT64_C(1704067200000000000)},
        {"2023-12-31T22:30:00-01:30", UINT64_C(1704067200000000000)},
        {"0001-01-01T00:00:00Z", 0}, /* the engine's word for never */
        {"1969-12-31T23:59:59Z", 0},
        {"", 0},
        {"2024-02-29", 0},
        {"2024-13-01T00:00:00Z", 0},
        {"2024-00-01T00:00:00Z", 0},
        {"2024-01-01T24:00:00Z", 0},
        {"2024-01-01T00:00:00", 0},
        {"2024-01-01T00:00:00+2", 0},
        {"2024-01-01 00:00:00Z", 0},
        {"9999-01-01T00:00:00Z", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(time_text_parse(view_str(cases[i].text)), cases[i].ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
