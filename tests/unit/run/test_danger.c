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

static void test_tls_without_certificates_and_the_other_way(void **state)
{
    struct config config = with_all(1);
    char email[] = "a@a.test";
    (void)state;
    config.tls.listen_count = 1;
    tell(&config);
    assert_said("--listen-tls has no certificate to show");
    assert_said("(--acme)");
    config.certificate_dir_count = 1;
    tell(&config);
    assert_string_equal(said.bytes, "");
    config.tls.listen_count = 0;
    tell(&config);
    assert_said("--certificates is set, but nothing listens for TLS; add --listen-tls");
    config.tls.also_count = 1;
    tell(&config);
    assert_string_equal(said.bytes, "");
    config.tls.also_count = 0;
    config.acme.email = email;
    tell(&config);
    assert_said("--acme is set, but nothing listens for TLS");
    assert_int_equal(said_line_count(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_said_of_deadlines_that_are_on),
        cmocka_unit_test(test_each_that_is_off_is_named),
        cmocka_unit_test(test_tls_without_certificates_and_the_other_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
