/* What tells the ports of a container apart. */
#include "lb/contract/endpoint_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_the_id_of_a_port(void **state)
{
    static const struct {
        const char *protocol, *id;
    } rows[] = {
        {"http", "4f9c:65535"}, {"https", "4f9c:65535"},   {"h2c", "4f9c:65535"},
        {"tcp", "4f9c:65535"},  {"udp", "4f9c:65535/udp"},
    };
    char id[4 + ENDPOINT_ID_PORT_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        endpoint_id_format("4f9c", 65535, rows[i].protocol, id, sizeof(id));
        assert_string_equal(id, rows[i].id);
    }
}

static void test_whose_port_it_is(void **state)
{
    (void)state;
    assert_true(endpoint_id_is_port_of("4f9c:53", "4f9c"));
    assert_true(endpoint_id_is_port_of("4f9c:53/udp", "4f9c"));
    assert_false(endpoint_id_is_port_of("4f9c", "4f9c"));
    assert_false(endpoint_id_is_port_of("4f9c:53", "4f9"));
    assert_false(endpoint_id_is_port_of("4f9", "4f9c"));
    assert_false(endpoint_id_is_port_of("4f9c53", "4f9c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_id_of_a_port),
        cmocka_unit_test(test_whose_port_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
