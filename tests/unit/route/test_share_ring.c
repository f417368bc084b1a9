/* Shares, counted: as exact as whole requests allow, over any run of turns. */
#include "lb/route/share_ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#define TURNS 10000u

static uint64_t sum_of(const uint32_t *weights, unsigned count)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += weights[i];
    return sum;
}

/* From whichever turn on: off by a few, never by a percent of all. */
static void check(const uint32_t *weights, unsigned count, uint64_t first, unsigned off_max)
{
    struct share_ring ring;
    unsigned counts[ROUTE_SHARES_MAX] = {0};
    uint64_t sum = sum_of(weights, count);
    share_ring_init(&ring, weights, count);
    for (uint64_t turn = first; turn < first + TURNS; turn++) {
        unsigned index = share_ring_pick(&ring, turn);
        assert_true(index < count);
        counts[index]++;
    }
    for (unsigned i = 0; i < count; i++) {
        double want = (double)TURNS * weights[i] / (double)sum, off = counts[i] - want;
        if (off > off_max || -off > off_max || (weights[i] == 0 && counts[i] > 0))
            fail_msg("weight %u of %lu: %u instead of %f", weights[i], (unsigned long)sum,
                     counts[i], want);
    }
}

#define CHECK(off_max, ...)                                                                        \
    do {                                                                                           \
        const uint32_t weights[] = {__VA_ARGS__};                                                  \
        check(weights, sizeof(weights) / sizeof(weights[0]), 0, off_max);                          \
        check(weights, sizeof(weights) / sizeof(weights[0]), 777777, off_max);                     \
    } while (0)

static void test_shares_of_a_hundred_are_exact(void **state)
{
    (void)state;
    for (uint32_t percent = 0; percent <= 100; percent++)
        CHECK(0, percent, 100 - percent);
    CHECK(0, 5, 20, 75);
    CHECK(0, 1, 1, 1, 1);
}

static void test_others_are_off_by_a_few(void **state)
{
    (void)state;
    CHECK(1, 1, 2);
    CHECK(3, 1, 1, 1, 1, 1, 1, 1);
    CHECK(9, 1, 999999);
    CHECK(9, 1000000, 1000000, 1);
    CHECK(9, 333333, 666667);
    CHECK(9, 17, 0, 4711, 3, 99, 1000000);
    CHECK(9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    CHECK(9, 4294967295u, 4294967295u, 4294967295u, 4294967295u, 1);
    for (uint32_t weight = 1; weight < 300; weight++)
        CHECK(9, weight, 300);
}

static void test_short_runs_are_even(void **state)
{
    const uint32_t weights[] = {10, 90};
    struct share_ring ring;
    (void)state;
    share_ring_init(&ring, weights, 2);
    for (uint64_t first = 0; first < 1000; first++) {
        unsigned count = 0;
        for (uint64_t turn = first; turn < first + 20; turn++)
            count += share_ring_pick(&ring, turn) == 0;
        assert_in_range(count, 1, 3);
    }
}

static void test_nobody_has_a_share(void **state)
{
    struct share_ring ring;
    (void)state;
    share_ring_init(&ring, (const uint32_t[]){0, 0}, 2);
    assert_int_equal(share_ring_pick(&ring, 5), SHARE_RING_NOBODY);
    share_ring_init(&ring, NULL, 0);
    assert_int_equal(share_ring_pick(&ring, 0), SHARE_RING_NOBODY);
    share_ring_init(&ring, (const uint32_t[]){0, 7}, 2);
    assert_int_equal(share_ring_pick(&ring, UINT64_MAX), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_of_a_hundred_are_exact),
        cmocka_unit_test(test_others_are_off_by_a_few),
        cmocka_unit_test(test_short_runs_are_even),
        cmocka_unit_test(test_nobody_has_a_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
