/* Words of services that get connections or datagrams. */
#include "lb/contract/passage_option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define AS_IT_WAS 77u

static void check(bool (*parse)(struct view value, unsigned *out), const char *value, int want)
{
    unsigned out = AS_IT_WAS;
    assert_int_equal(parse(view_str(value), &out), want >= 0);
    assert_int_equal(out, want >= 0 ? (unsigned)want : AS_IT_WAS);
}

static void test_what_an_endpoint_is_told_of_the_client(void **state)
{
    (void)state;
    check(passage_option_parse_proxy, "off", PROXY_VERSION_OFF);
    check(passage_option_parse_proxy, "v1", PROXY_VERSION_1);
    check(passage_option_parse_proxy, "v2", PROXY_VERSION_2);
    check(passage_option_parse_proxy, "v3", -1);
    check(passage_option_parse_proxy, "", -1);
    for (unsigned version = PROXY_VERSION_OFF; version <= PROXY_VERSION_2; version++)
        check(passage_option_parse_proxy, passage_option_proxy_word(version), (int)version);
}

static void test_what_becomes_of_connections_that_drain(void **state)
{
    (void)state;
    check(passage_option_parse_drain, "wait", PASSAGE_DRAIN_WAIT);
    check(passage_option_parse_drain, "reset", PASSAGE_DRAIN_RESET);
    check(passage_option_parse_drain, "later", -1);
    check(passage_option_parse_drain, "", -1);
    for (unsigned drain = PASSAGE_DRAIN_WAIT; drain <= PASSAGE_DRAIN_RESET; drain++)
        check(passage_option_parse_drain, passage_option_drain_word(drain), (int)drain);
}

static void test_how_long_nothing_may_come(void **state)
{
    (void)state;
    check(passage_option_parse_tcp_idle, "10m", 600000);
    check(passage_option_parse_tcp_idle, "off", 0);
    check(passage_option_parse_tcp_idle, "0", 0);
    check(passage_option_parse_tcp_idle, "24h", PASSAGE_OPTION_IDLE_MS_MAX);
    check(passage_option_parse_tcp_idle, "25h", -1);
    check(passage_option_parse_tcp_idle, "10", -1);
    check(passage_option_parse_udp_idle, "30s", 30000);
    check(passage_option_parse_udp_idle, "1s", 1000);
    check(passage_option_parse_udp_idle, "999ms", -1);
    check(passage_option_parse_udp_idle, "off", -1);
    check(passage_option_parse_udp_idle, "0", -1);
    check(passage_option_parse_udp_idle, "25h", -1);
}

/* What is not said changes nothing, and has no bytes at all. */
static void test_nothing_said_is_nothing(void **state)
{
    unsigned out = AS_IT_WAS;
    (void)state;
    assert_false(passage_option_parse_proxy(view_of(NULL, 0), &out));
    assert_false(passage_option_parse_drain(view_of(NULL, 0), &out));
    assert_false(passage_option_parse_tcp_idle(view_of(NULL, 0), &out));
    assert_false(passage_option_parse_udp_idle(view_of(NULL, 0), &out));
    assert_int_equal(out, AS_IT_WAS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_an_endpoint_is_told_of_the_client),
        cmocka_unit_test(test_what_becomes_of_connections_that_drain),
        cmocka_unit_test(test_how_long_nothing_may_come),
        cmocka_unit_test(test_nothing_said_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
