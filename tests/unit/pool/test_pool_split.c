/* How requests are divided between local endpoints and others, and which turn or key is whose. */
#include "lb/pool/pool_split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/hash.h"
#include "lb/base/rng.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void test_shares(void **state)
{
    static const struct {
        struct pool_split_side local, others;
        uint32_t part, whole;
    } cases[] = {
        {{2, 2}, {2, 2}, 1, 1},                              /* all are well */
        {{5, 7}, {1, 1}, 1, 1},                              /* just enough */
        {{1, 2}, {2, 2}, 7, 10},                             /* one of two */
        {{1, 4}, {1, 1}, 7, 20},                             /* one of four */
        {{70, 100}, {3, 3}, 49, 50}, {{0, 3}, {1, 3}, 0, 1}, /* nobody here */
        {{0, 0}, {1, 1}, 0, 1},                              /* nobody was ever here */
        {{1, 9}, {0, 3}, 1, 1},                              /* nobody there */
        {{1, 9}, {0, 0}, 1, 1},      {{0, 1}, {0, 1}, 0, 1}, /* nobody at all */
        {{1, 2}, {1, 4}, 7, 10}, /* 70 % and up to 35 %: the others have the rest */
        {{1, 4}, {1, 4}, 1, 2},  /* 35 % and 35 %: both by what they have */
        {{1, 2}, {1, 10}, 5, 6}, /* 70 % and 14 % */
    };
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(cases); i++) {
        struct pool_split split = pool_split_of(&cases[i].local, &cases[i].others);
        if (split.local != cases[i].part || split.whole != cases[i].whole)
            fail_msg("case %u: %u of %u", i, split.local, split.whole);
    }
}

/* Falling and rising in steps no greater than what an endpoint's going leaves. */
static void test_no_leaps(void **state)
{
    (void)state;
    for (uint64_t there = 1; there <= 40; there++) {
        const struct pool_split_side others = {there, 40};
        double before = 0;
        for (uint64_t here = 0; here <= 100; here++) {
            const struct pool_split_side local = {here, 100};
            struct pool_split split = pool_split_of(&local, &others);
            double share = (double)split.local / split.whole;
            assert_true(share >= before);
            /* at the least health of the others the first one here takes the most */
            assert_true(share - before < (there == 40 ? 0.0141 : 0.3));
            before = share;
        }
        assert_true(before == 1);
    }
}

/* Sums as large as they can be, and larger. */
static void test_large_sums(void **state)
{
    struct rng rng = {3};
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct pool_split_side sides[2];
        for (unsigned j = 0; j < 2; j++) {
            sides[j].all = 1 + (rng_next(&rng) >> (rng_next(&rng) % 60 + 4));
            sides[j].usable = 1 + rng_next(&rng) % sides[j].all;
        }
        struct pool_split split = pool_split_of(&sides[0], &sides[1]);
        double here = 1.4 * (double)sides[0].usable / (double)sides[0].all;
        double there = 1.4 * (double)sides[1].usable / (double)sides[1].all;
        double want = here >= 1 ? 1 : here + there >= 1 ? here : here / (here + there);
        double off = (double)split.local / split.whole - want;
        assert_true(split.whole > 0 && split.local <= split.whole && split.local > 0);
        assert_true(off < 1e-6 && off > -1e-6);
    }
}

static void test_turns(void **state)
{
    static const struct pool_split splits[] = {
        {7, 10}, {1, 2}, {1, 97}, {96, 97}, {0, 1}, {1, 1}, {3, 7}, {4294967290u, 4294967295u}};
    static const uint64_t starts[] = {0, 12345, UINT64_MAX / 2 - 500};
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(splits); i++)
        for (unsigned j = 0; j < COUNT_OF(starts); j++) {
            uint64_t counts[2] = {0}, next[2] = {0};
            for (uint64_t turn = starts[j]; turn < starts[j] + 1000; turn++) {
                struct pool_split_turn own = pool_split_turn(&splits[i], turn);
                if (counts[own.is_local]++ > 0)
                    assert_int_equal(own.turn, next[own.is_local]); /* one after the other */
                next[own.is_local] = own.turn + 1;
                double off = (double)counts[1] -
                             (double)(turn + 1 - starts[j]) * splits[i].local / splits[i].whole;
                assert_true(off <= 1 && off >= -1);
            }
        }
}

/* As many as the share says; as that grows keys come over, and none goes back. */
static void test_keys(void **state)
{
    enum { COUNT = 20000 };
    (void)state;
    unsigned before = 0;
    for (uint32_t part = 0; part <= 10; part++) {
        const struct pool_split split = {part, 10}, wider = {part + 1, 10};
        unsigned count = 0;
        for (uint64_t i = 0; i < COUNT; i++) {
            uint64_t key = hash_mix(i);
            bool is_local = pool_split_is_local(&split, key);
            count += is_local;
            assert_true(!is_local || part == 10 || pool_split_is_local(&wider, key));
        }
        assert_in_range(count, part * COUNT / 10 - (part % 10 ? 300 : 0),
                        part * COUNT / 10 + (part % 10 ? 300 : 0));
        assert_true(count > before || part == 0);
        before = count;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),     cmocka_unit_test(test_no_leaps),
        cmocka_unit_test(test_large_sums), cmocka_unit_test(test_turns),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
