/* The names of --backend: what their answers change, and what stays when there is none. */
#include "tests/unit/follow/resolver_case.h"

/* ---- answers --------------------------------------------------------------------------------- */

static void test_an_address_needs_no_asking(void **state)
{
    (void)state;
    follow_every(1000, "10.0.0.1 fd00::2");
    assert_int_equal(wait_for_asking(), UINT64_MAX);
    check_told(1);
    check_known("10.0.0.1:80 10.0.0.1:80, [fd00::2]:80 [fd00::2]:80");
}

static void test_the_first_name_that_is_known_serves(void **state)
{
    (void)state;
    follow_every(0, "one two");
    check_told(0);
    check_known(" !");
    answer("two", "10.0.0.2 10.0.0.3");
    check_told(1);
    check_known("two:80 10.0.0.2:80 10.0.0.3:80 !");
    answer("one", "10.0.0.1");
    check_told(1);
    check_known("one:80 10.0.0.1:80, two:80 10.0.0.2:80 10.0.0.3:80");
    assert_int_equal(replaced_count, 0);
}

static void test_without_any_address_it_is_told_when_all_were_asked(void **state)
{
    (void)state;
    follow_every(0, "one two");
    answer("one", "!gone");
    check_told(0);
    answer("two", "!lost");
    check_told(1);
    check_known("one:80[gone], two:80[lost] !");
}

static void test_what_an_answer_changes(void **state)
{
    static const struct {
        const char *before, *after, *known;
        bool is_told;
    } rows[] = {
        {"10.0.0.1 10.0.0.2", "10.0.0.1 10.0.0.2", "one:80 10.0.0.1:80 10.0.0.2:80", false},
        {"10.0.0.1 10.0.0.2", "10.0.0.2 10.0.0.1", NULL, false}, /* resolvers turn them around */
        {"10.0.0.1 10.0.0.2", "10.0.0.1", "one:80 10.0.0.1:80", true},
        {"10.0.0.1", "10.0.0.1 10.0.0.2", "one:80 10.0.0.1:80 10.0.0.2:80", true},
        {"10.0.0.1", "10.0.0.2", "one:80 10.0.0.2:80", true},
        {"10.0.0.1", "!gone", "one:80[gone] 10.0.0.1:80", true}, /* the last ones stay */
        {"!gone", "!gone", "one:80[gone] !", false},
        {"!gone", "!lost", "one:80[lost] !", true},
        {"!gone", "10.0.0.1", "one:80 10.0.0.1:80", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        follow_every(5000, "one");
        answer("one", rows[i].before);
        change_count = 0;
        wait_for_asking();
        answer("one", rows[i].after);
        if (change_count != rows[i].is_told)
            fail_msg("row %zu", i);
        if (rows[i].known)
            check_known(rows[i].known);
        again(state);
    }
}

static void test_the_same_addresses_after_a_problem(void **state)
{
    (void)state;
    follow_every(5000, "one");
    answer("one", "10.0.0.1");
    wait_for_asking();
    answer("one", "!gone");
    check_told(2);
    assert_int_equal(wait_for_asking(), 1000);
    answer("one", "10.0.0.1");
    check_told(1);
    check_known("one:80 10.0.0.1:80");
}

/* ---- other names ----------------------------------------------------------------------------- */

static void test_the_old_ones_serve_until_all_new_ones_have_answered(void **state)
{
    (void)state;
    follow_every(0, "one");
    answer("one", "10.0.0.1");
    check_told(1);
    follow_every(0, "two three");
    answer("two", "10.0.0.2");
    check_told(0);
    answer("three", "!gone");
    check_told(1);
    assert_int_equal(replaced_count, 1);
    check_known("two:80 10.0.0.2:80, three:80[gone] !");
    wait_for_asking();
    answer("three", "10.0.0.3");
    check_told(1);
    assert_int_equal(replaced_count, 1);
}

static void test_the_old_ones_serve_while_no_new_one_has_an_address(void **state)
{
    (void)state;
    follow_every(0, "one");
    answer("one", "10.0.0.1");
    check_told(1);
    follow_every(0, "two");
    answer("two", "!gone");
    check_told(0);
    wait_for_asking();
    answer("two", "10.0.0.2");
    check_told(1);
    assert_int_equal(replaced_count, 1);
}

/* It is asked for once more, but is known meanwhile. */
static void test_what_is_known_of_a_name_stays(void **state)
{
    (void)state;
    follow_every(0, "one two");
    answer("one", "10.0.0.1");
    check_told(1);
    follow_every(0, "10.0.0.9 one");
    check_told(1);
    check_known("10.0.0.9:80 10.0.0.9:80, one:80 10.0.0.1:80");
    assert_false(is_asked("two")); /* nobody waits for it */
    assert_int_equal(running_count, 1);
    answer("one", "10.0.0.1");
    check_told(0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_resolver, close_resolver)
    const struct CMUnitTest tests[] = {
        TEST(test_an_address_needs_no_asking),
        TEST(test_the_first_name_that_is_known_serves),
        TEST(test_without_any_address_it_is_told_when_all_were_asked),
        TEST(test_what_an_answer_changes),
        TEST(test_the_same_addresses_after_a_problem),
        TEST(test_the_old_ones_serve_until_all_new_ones_have_answered),
        TEST(test_the_old_ones_serve_while_no_new_one_has_an_address),
        TEST(test_what_is_known_of_a_name_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
