/* How much an endpoint takes at a time: the words. */
#include "lb/contract/capacity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_numbers(void **state)
{
    static const char *const bad[] = {"", "-1", "65536", "4x", "1.5", "none", " 4"};
    unsigned count = 7;
    (void)state;
    assert_true(capacity_parse_max_inflight(VIEW("65535"), &count));
    assert_int_equal(count, 65535);
    assert_true(capacity_parse_max_inflight(VIEW("Off"), &count));
    assert_int_equal(count, 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        count = 7;
        assert_false(capacity_parse_max_inflight(view_str(bad[i]), &count));
        assert_int_equal(count, 7);
    }
}

static void test_yes_and_no(void **state)
{
    enum capacity_choice choice = CAPACITY_UNSAID;
    (void)state;
    assert_false(capacity_parse_keepalive(VIEW("often"), &choice));
    assert_int_equal(choice, CAPACITY_UNSAID);
    assert_true(capacity_parse_keepalive(VIEW("off"), &choice));
    assert_int_equal(choice, CAPACITY_NO);
    assert_true(capacity_parse_keepalive(VIEW("TRUE"), &choice));
    assert_int_equal(choice, CAPACITY_YES);
}

static void test_of_services(void **state)
{
    unsigned value = 7;
    (void)state;
    assert_true(capacity_parse_queue(VIEW("1000000"), &value));
    assert_int_equal(value, 1000000);
    assert_true(capacity_parse_queue(VIEW("off"), &value));
    assert_int_equal(value, 0);
    assert_false(capacity_parse_queue(VIEW("1000001"), &value));
    assert_false(capacity_parse_queue(VIEW(""), &value));
    assert_true(capacity_parse_queue_timeout(VIEW("1h"), &value));
    assert_int_equal(value, 3600000);
    assert_false(capacity_parse_queue_timeout(VIEW("61m"), &value));
    assert_false(capacity_parse_queue_timeout(VIEW(""), &value));
    assert_int_equal(value, 3600000);
    assert_true(capacity_parse_queue_timeout(VIEW("off"), &value));
    assert_int_equal(value, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_yes_and_no),
        cmocka_unit_test(test_of_services),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
