/* Clocks: stamps as RFC 3339 writes them, monotonic time that does not go back. */
#include "lb/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECOND_NS    UINT64_C(1000000000)

static void test_format(void **state)
{
    static const struct {
        uint64_t wall_ns;
        const char *stamp;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {999, "1970-01-01T00:00:00.000000Z"}, /* cut, not rounded */
        {1000, "1970-01-01T00:00:00.000001Z"},
        {SECOND_NS - 1, "1970-01-01T00:00:00.999999Z"},
        {951782400 * SECOND_NS, "2000-02-29T00:00:00.000000Z"},
        {1795314600 * SECOND_NS + 123456789, "2026-11-22T02:30:00.123456Z"},
        {2147483648 * SECOND_NS, "2038-01-19T03:14:08.000000Z"},
        {UINT64_MAX, "2554-07-21T23:34:33.709551Z"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[CLOCK_TEXT_BYTES];
        assert_string_equal(clock_format(rows[i].wall_ns, text), rows[i].stamp);
    }
}

static void test_seconds_and_minutes(void **state)
{
    static const struct {
        int64_t time_s;
        const char *second, *minute;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z", "1970-01-01 00:00 UTC"},
        {-1, "1969-12-31T23:59:59Z", "1969-12-31 23:59 UTC"},
        {1795314659, "2026-11-22T02:30:59Z", "2026-11-22 02:30 UTC"},
        {253402300799, "9999-12-31T23:59:59Z", "9999-12-31 23:59 UTC"},
        {INT64_MAX, "", ""},
        {INT64_MIN, "", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[CLOCK_TEXT_BYTES];
        assert_string_equal(clock_format_second(rows[i].time_s, text), rows[i].second);
        assert_string_equal(clock_format_minute(rows[i].time_s, text), rows[i].minute);
    }
}

static void test_mono(void **state)
{
    uint64_t before = clock_mono_ns();
    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint64_t now = clock_mono_ns();
        assert_true(now >= before);
        before = now;
    }
    assert_true(before > 0);
}

static void test_wall(void **state)
{
    uint64_t before = (uint64_t)time(NULL);
    uint64_t wall_ns = clock_wall_ns();
    uint64_t after = (uint64_t)time(NULL);
    (void)state;
    /* time() may lag behind by a tick of the kernel's coarse clock */
    assert_in_range(wall_ns / SECOND_NS, before, after + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_seconds_and_minutes),
        cmocka_unit_test(test_mono),
        cmocka_unit_test(test_wall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
