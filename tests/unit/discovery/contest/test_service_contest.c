/* Claimants that ask for something else of one service: whose option counts, and what is told. */
#include "discovery/contest/service_contest.h"

#include "tests/unit/discovery/contest/contestants.h"

static void test_older_ones_option_counts(void **state)
{
    (void)state;
    struct contestants all = {0};
    struct claimant *young =
        contestants_add(&all, '2', "{\"lb.service\":\"a\",\"lb.balance\":\"least-requests\"}");
    struct claimant *old =
        contestants_add(&all, '1', "{\"lb.service\":\"a\",\"lb.balance\":\"round-robin\"}");
    contestants_settle(&all);
    const struct set_service *service = set_find_service(&all.set, "a");
    assert_non_null(service);
    assert_true(view_eq(service->options.values[SERVICE_OPTION_BALANCE], VIEW("round-robin")));
    assert_null(old->contested);
    assert_string_equal(young->contested, "its balance for the service a is overruled: the "
                                          "container c, which is older, wants \"round-robin\"");
    old->is_running = false;
    contestants_settle(&all);
    service = set_find_service(&all.set, "a");
    assert_true(view_eq(service->options.values[SERVICE_OPTION_BALANCE], VIEW("least-requests")));
    assert_null(young->contested);
    assert_null(old->contested); /* who does not run asks for nothing that could be refused */
    contestants_fini(&all);
}

static void test_who_is_hidden_or_left_out_asks_for_nothing(void **state)
{
    (void)state;
    struct contestants all = {0};
    contestants_add(&all, '1', "{\"lb.service\":\"a\",\"lb.balance\":\"round-robin\"}")->is_hidden =
        true;
    contestants_add(&all, '2', "{\"lb.enable\":\"no\",\"lb.balance\":\"round-robin\"}");
    contestants_settle(&all);
    assert_int_equal(all.set.service_count, 0);
    contestants_fini(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_older_ones_option_counts),
        cmocka_unit_test(test_who_is_hidden_or_left_out_asks_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
