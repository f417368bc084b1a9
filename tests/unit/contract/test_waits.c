/* How long an endpoint is waited for: the words, and the times that they take. */
#include "lb/contract/waits.h"
#include "lb/contract/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_every_wait_has_its_key_and_label(void **state)
{
    static const char *const words[WAIT_COUNT][2] = {
        {"response_timeout_ms", "lb.response-timeout"},
        {"body_timeout_ms", "lb.body-timeout"},
        {"stream_timeout_ms", "lb.stream-timeout"},
    };
    (void)state;
    for (unsigned wait = 0; wait < WAIT_COUNT; wait++) {
        assert_string_equal(waits_key((enum wait)wait), words[wait][0]);
        assert_int_equal(waits_of_label(words[wait][1]), wait);
    }
    assert_int_equal(waits_of_label("lb.response-timeouts"), WAIT_COUNT);
    assert_int_equal(waits_of_label(""), WAIT_COUNT);
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        unsigned ms;
    } good[] = {{"0", 0},   {"off", 0},   {"none", 0},
                {"1ms", 1}, {"2s", 2000}, {"24h", LIMITS_WAIT_MS_MAX}};
    static const char *const bad[] = {"", "5", "-1s", "86401s", "25h", "OFF", "1 s"};
    unsigned ms;
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ms = 7;
        assert_true(waits_parse(view_str(good[i].text), &ms));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(waits_parse(view_str(bad[i]), &ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_wait_has_its_key_and_label),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
