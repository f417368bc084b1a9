/* Which of two claimants comes first, and what is kept of what they do not get. */
#include "discovery/contest/claimant.h"

#include <stdlib.h>

#include "lb/contract/limits.h"
#include "tests/unit/discovery/fixture.h"

static void test_who_runs_comes_first_then_who_is_older(void **state)
{
    (void)state;
    struct claimant old = {.created_ns = 1, .is_running = true};
    struct claimant young = {.created_ns = 2, .is_running = true};
    struct claimant down = {.created_ns = 0};
    assert_true(claimant_compare(&old, &young) < 0);
    assert_true(claimant_compare(&young, &old) > 0);
    assert_true(claimant_compare(&young, &down) < 0);
    assert_true(claimant_compare(&down, &old) > 0);
    assert_int_equal(claimant_compare(&old, &old), 0);
}

static void test_sentences_are_joined_and_bounded(void **state)
{
    (void)state;
    struct claimant claimant = {0};
    claimant_add_contested(&claimant, "one %d", 1);
    claimant_add_contested(&claimant, "two");
    assert_string_equal(claimant.contested, "one 1; two");
    for (int i = 0; i < 500; i++)
        claimant_add_contested(&claimant, "a sentence that is long enough");
    assert_true(strlen(claimant.contested) <= LIMITS_OBSTACLE_BYTES_MAX);
    claimant_clear(&claimant);
    assert_null(claimant.contested);
    claimant_clear(&claimant);
}

static void test_what_people_are_told_of_it(void **state)
{
    (void)state;
    struct offers offers = {0};
    struct claimant claimant = {.offers = &offers};
    assert_null(claimant_tell(&claimant));
    claimant_add_contested(&claimant, "another one gets it");
    char *told = claimant_tell(&claimant);
    assert_string_equal(told, "another one gets it");
    free(told);
    offers.remark = (char[]){"a word is not known"};
    told = claimant_tell(&claimant);
    assert_string_equal(told, "a word is not known; another one gets it");
    free(told);
    claimant_clear(&claimant);
    told = claimant_tell(&claimant);
    assert_string_equal(told, "a word is not known");
    free(told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_runs_comes_first_then_who_is_older),
        cmocka_unit_test(test_sentences_are_joined_and_bounded),
        cmocka_unit_test(test_what_people_are_told_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
