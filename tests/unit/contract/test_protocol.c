/* What endpoints speak, and as whose servers they can serve. */
#include "lb/contract/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_words_are_those_of_lines(void **state)
{
    static const char *const words[] = {"http", "https", "h2c", "tcp", "udp"};
    (void)state;
    for (unsigned i = 0; i < PROTOCOL_COUNT; i++) {
        assert_string_equal(protocol_word((enum protocol)i), words[i]);
        assert_int_equal(protocol_parse(view_str(words[i])), i);
    }
    assert_int_equal(protocol_parse(VIEW("HTTP")), PROTOCOL_COUNT);
    assert_int_equal(protocol_parse(VIEW("")), PROTOCOL_COUNT);
}

/* Requests go to servers of HTTP, with TLS or without, connections to all that take some, datagrams to nobody else. */
static void test_who_can_serve_what(void **state)
{
    static const bool serves[PROTOCOL_COUNT][SERVICE_KIND_COUNT] = {
        [PROTOCOL_HTTP] = {true, true, false}, [PROTOCOL_HTTPS] = {true, true, false},
        [PROTOCOL_H2C] = {false, true, false}, [PROTOCOL_TCP] = {false, true, false},
        [PROTOCOL_UDP] = {false, false, true},
    };
    (void)state;
    for (unsigned i = 0; i < PROTOCOL_COUNT; i++)
        for (unsigned kind = 0; kind < SERVICE_KIND_COUNT; kind++)
            assert_int_equal(protocol_serves((enum protocol)i, (enum service_kind)kind),
                             serves[i][kind]);
}

static void test_connections_of_one_say_nothing_to_the_other(void **state)
{
    (void)state;
    assert_true(protocol_is_kin(PROTOCOL_HTTPS, PROTOCOL_HTTPS));
    assert_true(protocol_is_kin(PROTOCOL_HTTP, PROTOCOL_TCP));
    assert_false(protocol_is_kin(PROTOCOL_HTTP, PROTOCOL_HTTPS));
    assert_false(protocol_is_kin(PROTOCOL_HTTPS, PROTOCOL_TCP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_those_of_lines),
        cmocka_unit_test(test_who_can_serve_what),
        cmocka_unit_test(test_connections_of_one_say_nothing_to_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
