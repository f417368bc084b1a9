#include "discovery/net/backoff.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_doubles_up_to_the_cap(void **state)
{
    struct backoff backoff;
    static const uint32_t longest_ms[] = {100, 200, 400, 800, 1000, 1000, 1000};
    (void)state;
    backoff_init(&backoff, 100, 1000);
    for (size_t i = 0; i < COUNT(longest_ms); i++)
        assert_int_equal(backoff_next_ms(&backoff, longest_ms[i] / 2), longest_ms[i]);
    backoff_reset(&backoff);
    assert_int_equal(backoff_next_ms(&backoff, 50), 100);
}

static void test_jitter_stays_in_the_upper_half(void **state)
{
    (void)state;
    for (uint32_t random = 0; random < 5000; random++) {
        struct backoff backoff;
        backoff_init(&backoff, 100, 1000);
        uint32_t wait_ms = backoff_next_ms(&backoff, random * 7919);
        assert_in_range(wait_ms, 50, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubles_up_to_the_cap),
        cmocka_unit_test(test_jitter_stays_in_the_upper_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
