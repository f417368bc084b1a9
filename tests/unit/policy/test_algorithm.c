/* What the address of a client says to a service that goes by it. */
#include "lb/policy/algorithm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct algorithm_key key_of(const char *text, enum balance_algorithm algorithm)
{
    struct address client;
    assert_true(address_parse(view_str(text), &client));
    return algorithm_key_of(&client, algorithm);
}

static bool is_same(const char *a, const char *b, enum balance_algorithm algorithm)
{
    struct algorithm_key left = key_of(a, algorithm), right = key_of(b, algorithm);
    return left.is_given && right.is_given && left.hash == right.hash;
}

static void test_a_client_is_the_same_from_each_of_its_ports(void **state)
{
    (void)state;
    assert_true(is_same("192.0.2.1:1", "192.0.2.1:2", BALANCE_HASH_CLIENT));
    assert_true(is_same("192.0.2.1:1", "[::ffff:192.0.2.1]:2", BALANCE_HASH_CLIENT));
    assert_true(is_same("[fd00::1]:1", "[fd00::2]:1", BALANCE_HASH_CLIENT));
    assert_false(is_same("192.0.2.1:1", "192.0.2.2:1", BALANCE_HASH_CLIENT));
    assert_false(is_same("[fd00::1]:1", "[fd00:0:0:1::1]:1", BALANCE_HASH_CLIENT));
}

static void test_a_connection_is_known_by_its_port_as_well(void **state)
{
    (void)state;
    assert_true(is_same("192.0.2.1:1", "[::ffff:192.0.2.1]:1", BALANCE_HASH_CONNECTION));
    assert_false(is_same("192.0.2.1:1", "192.0.2.1:2", BALANCE_HASH_CONNECTION));
    assert_false(is_same("192.0.2.1:1", "192.0.2.2:1", BALANCE_HASH_CONNECTION));
    assert_false(is_same("[fd00::1]:1", "[fd00::1]:2", BALANCE_HASH_CONNECTION));
}

static void test_who_does_not_go_by_clients_gets_no_key(void **state)
{
    (void)state;
    assert_false(key_of("192.0.2.1:1", BALANCE_ROUND_ROBIN).is_given);
    assert_false(key_of("192.0.2.1:1", BALANCE_LEAST_REQUESTS).is_given);
    assert_false(key_of("192.0.2.1:1", BALANCE_HASH_PATH).is_given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_is_the_same_from_each_of_its_ports),
        cmocka_unit_test(test_a_connection_is_known_by_its_port_as_well),
        cmocka_unit_test(test_who_does_not_go_by_clients_gets_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
