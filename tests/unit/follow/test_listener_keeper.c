/* Who asks for listeners, from line to line: what is lost stays for a while. */
#include "tests/unit/follow/listeners_case.h"

static void check_lost(const char *want)
{
    struct text text = TEXT_INIT;
    for (unsigned i = 0; i < keeper.lost_count; i++) {
        text_append(&text, keeper.lost[i].rule.container);
        text_appendf(&text, ":%u until %u ", keeper.lost[i].rule.port,
                     (unsigned)keeper.lost[i].until_ms);
    }
    assert_string_equal(text_str(&text), want);
    text_fini(&text);
}

static void test_nothing_new_is_nothing(void **state)
{
    (void)state;
    assert_int_equal(claim_at(0, ""), LISTENER_KEEPER_SAME);
    assert_int_equal(claim_at(0, CLAIM(PORT("1"), "a", "db", "5")), LISTENER_KEEPER_OTHER);
    assert_int_equal(claim_at(0, CLAIM(PORT("1"), "a", "db", "5")), LISTENER_KEEPER_SAME);
    assert_int_equal(claim_at(0, ""), LISTENER_KEEPER_OTHER);
}

static void test_what_is_gone_stays_for_its_time(void **state)
{
    (void)state;
    claim_at(0, CLAIM(PORT("1"), "a", "db", "5") "," CLAIM(PORT("2"), "b", "db2", "5"));
    assert_true(listener_keeper_next_ms(&keeper) == UINT64_MAX);
    claim_at(1000, CLAIM(PORT("2"), "b", "db2", "5"));
    check_lost("a:1 until 31000 ");
    claim_at(2000, "");
    check_lost("a:1 until 31000 b:2 until 32000 ");
    assert_int_equal(listener_keeper_next_ms(&keeper), 31000);
    assert_false(listener_keeper_expire(&keeper, 30999));
    assert_true(listener_keeper_expire(&keeper, 31000));
    check_lost("b:2 until 32000 ");
    claim_at(32000, CLAIM(PORT("3"), "c", "db2", "5"));
    check_lost("");
}

static void test_what_comes_back_is_not_lost(void **state)
{
    (void)state;
    claim_at(0, CLAIM(PORT("1"), "a", "db", "5"));
    claim_at(1000, "");
    claim_at(2000, CLAIM(PORT("1"), "a2", "db", "9"));
    check_lost("");
    claim_at(3000, CLAIM(PORT("1"), "x", "other", "9"));
    check_lost("a2:1 until 33000 "); /* for another service it is another's */
}

static void test_who_is_there_and_asks_for_other_things_has_taken_it_back(void **state)
{
    (void)state;
    claim_at(0, CLAIM(PORT("1"), "a", "db", "5") "," CLAIM(PORT("2"), "a", "db", "5"));
    claim_at(1000, CLAIM(PORT("2"), "a", "db", "5"));
    check_lost("");
}

static void test_what_no_container_said_goes_at_once(void **state)
{
    (void)state;
    claim_at(0, "{\"protocol\":\"tcp\",\"port\":1,\"service\":\"db\"}");
    claim_at(1000, "");
    check_lost("");
}

static void test_a_bad_line_changes_nothing(void **state)
{
    (void)state;
    claim_at(0, CLAIM(PORT("1"), "a", "db", "5"));
    assert_int_equal(claim_at(1000, "{\"protocol\":\"tcp\"}"), LISTENER_KEEPER_REFUSED);
    assert_int_equal(keeper.list.count, 1);
    check_lost("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_nothing_new_is_nothing, tear_down),
        cmocka_unit_test_teardown(test_what_is_gone_stays_for_its_time, tear_down),
        cmocka_unit_test_teardown(test_what_comes_back_is_not_lost, tear_down),
        cmocka_unit_test_teardown(test_who_is_there_and_asks_for_other_things_has_taken_it_back,
                                  tear_down),
        cmocka_unit_test_teardown(test_what_no_container_said_goes_at_once, tear_down),
        cmocka_unit_test_teardown(test_a_bad_line_changes_nothing, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
