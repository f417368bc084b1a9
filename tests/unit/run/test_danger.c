/* Deadlines that are switched off are warned of, all in one line. */
#include "lb/run/danger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/support/said.h"

static struct config with_all(unsigned ms)
{
    return (struct config){
        .head_timeout_ms = ms,
        .idle_timeout_ms = ms,
        .policy = {.last_connect_timeout_ms = ms, .response_timeout_ms = ms, .body_timeout_ms = ms},
        .discovery_timeout_ms = ms,
        .shutdown_grace_ms = ms};
}

static void tell(const struct config *config)
{
    said_begin();
    danger_tell(config);
    said_end();
}

static void test_nothing_is_said_of_deadlines_that_are_on(void **state)
{
    struct config config = with_all(1);
    (void)state;
    tell(&config);
    assert_string_equal(said.bytes, "");
}

static void test_each_that_is_off_is_named(void **state)
{
    struct config all = with_all(0), one = with_all(1);
    (void)state;
    tell(&all);
    assert_said("off: --head-timeout, --idle-timeout, --last-connect-timeout, --response-timeout, "
                "--body-timeout, --discovery-timeout, --shutdown-grace; what stands still there is "
                "waited for without end");
    assert_int_equal(said_line_count(), 1);
    one.policy.body_timeout_ms = 0;
    tell(&one);
    assert_said("off: --body-timeout; what");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_said_of_deadlines_that_are_on),
        cmocka_unit_test(test_each_that_is_off_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
