/* The names of --backend: when each is asked for. */
#include "tests/unit/follow/resolver_case.h"

/* ---- when ------------------------------------------------------------------------------------ */

static void test_a_name_that_is_known_is_asked_for_each_interval(void **state)
{
    (void)state;
    follow_every(7000, "one");
    for (unsigned i = 0; i < 4; i++) {
        answer("one", "10.0.0.1");
        assert_int_equal(wait_for_asking(), 7000);
    }
    assert_int_equal(wait_for_asking(), UINT64_MAX); /* not while it is being asked for */
}

static void test_without_an_interval_it_is_not_asked_again(void **state)
{
    (void)state;
    follow_every(0, "one");
    answer("one", "10.0.0.1");
    assert_int_equal(wait_for_asking(), UINT64_MAX);
}

static void test_a_problem_is_asked_about_with_growing_pauses(void **state)
{
    static const struct {
        unsigned interval_ms;
        unsigned pauses_ms[7];
    } rows[] = {
        {0, {1000, 2000, 4000, 8000, 16000, 30000, 30000}},
        {5000, {1000, 2000, 4000, 5000, 5000, 5000, 5000}}, /* not rarer than usual */
        {500, {500, 500, 500, 500, 500, 500, 500}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        follow_every(rows[i].interval_ms, "one");
        for (unsigned j = 0; j < 7; j++) {
            answer("one", "!gone");
            assert_int_equal(wait_for_asking(), rows[i].pauses_ms[j]);
        }
        again(state);
    }
}

static void test_pauses_begin_anew_after_an_answer(void **state)
{
    static const char *const answers[] = {"!gone", "!gone", "10.0.0.1", "!gone", "!gone"};
    static const unsigned pauses_ms[] = {1000, 2000, 30000, 1000, 2000};
    (void)state;
    follow_every(30000, "one");
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        answer("one", answers[i]);
        assert_int_equal(wait_for_asking(), pauses_ms[i]);
    }
}

static void test_eight_are_asked_for_at_the_same_time(void **state)
{
    (void)state;
    follow_every(0, "a b c d e f g h i j");
    assert_int_equal(running_count, 8);
    answer("c", "!gone");
    assert_int_equal(running_count, 8);
    assert_true(is_asked("i"));
    assert_false(is_asked("j"));
    answer("a", "10.0.0.1");
    assert_true(is_asked("j"));
    check_told(1);
}

/* ---- addresses that fail --------------------------------------------------------------------- */

/* r: it is ready; s: too, but it would be out; f: it is not. */
static void judge(const char *address, char letter)
{
    struct endpoint *endpoint = new_endpoint(address);
    struct pool_service service = {.name = "app", .endpoints = &endpoint, .endpoint_count = 1};
    struct pool pool = {.services = &service, .service_count = 1};
    endpoint_set_state(endpoint, letter == 'f' ? ENDPOINT_FAILING : ENDPOINT_READY);
    endpoint->is_suspect = letter == 's';
    resolver_judge(&resolver, &pool, "app");
    endpoint_unref(endpoint);
}

static void test_a_name_whose_addresses_all_fail_is_asked_for_soon(void **state)
{
    static const struct {
        const char *address;
        char letter;
        bool is_asked;
    } rows[] = {
        {"10.0.0.1:80", 'r', false}, {"10.0.0.2:80", 'r', false}, /* one is enough */
        {"10.0.0.1:80", 's', true},  {"10.0.0.1:80", 'f', true},
        {"10.0.0.9:80", 'r', true}, /* another name's */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        follow_every(60000, "one");
        answer("one", "10.0.0.1 10.0.0.2");
        pretend_uv_pass(30000);
        judge(rows[i].address, rows[i].letter);
        pretend_uv_settle();
        if ((asked_count == 2) != rows[i].is_asked)
            fail_msg("row %zu", i);
        again(state);
    }
}

static void test_it_is_not_asked_for_more_often_than_each_second(void **state)
{
    (void)state;
    follow_every(60000, "one");
    pretend_uv_pass(400); /* until the answer */
    answer("one", "10.0.0.1");
    judge("10.0.0.1:80", 'f');
    assert_int_equal(wait_for_asking(), 600);
    answer("one", "10.0.0.1");
    for (unsigned i = 0; i < 5; i++)
        judge("10.0.0.1:80", 'f'); /* as before */
    assert_int_equal(wait_for_asking(), 1000);
    answer("one", "10.0.0.1");
    assert_int_equal(wait_for_asking(), 2000);
    judge("10.0.0.1:80", 'r');
    answer("one", "10.0.0.1");
    assert_int_equal(wait_for_asking(), 60000);
}

static void test_who_has_no_address_or_no_name_is_not_judged(void **state)
{
    struct pool pool = {.service_count = 0};
    (void)state;
    follow_every(60000, "10.0.0.1");
    resolver_judge(&resolver, &pool, "app");
    assert_int_equal(wait_for_asking(), UINT64_MAX);
    assert_int_equal(asked_count, 0);
    again(state);
    follow_every(0, "one");
    answer("one", "!gone");
    resolver_judge(&resolver, &pool, "app");
    assert_int_equal(wait_for_asking(), 1000);
    answer("one", "10.0.0.1");
    assert_int_equal(wait_for_asking(), UINT64_MAX);
    resolver_judge(&resolver, &pool, "app"); /* the service has none of them */
    pretend_uv_settle();
    assert_true(is_asked("one"));
}

static void test_nothing_is_asked_behind_the_end(void **state)
{
    (void)state;
    follow_every(1000, "one two");
    answer("one", "10.0.0.1");
    resolver_close(&resolver);
    assert_int_equal(running_count, 0);
    assert_int_equal(wait_for_asking(), UINT64_MAX);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_resolver, close_resolver)
    const struct CMUnitTest tests[] = {
        TEST(test_a_name_that_is_known_is_asked_for_each_interval),
        TEST(test_without_an_interval_it_is_not_asked_again),
        TEST(test_a_problem_is_asked_about_with_growing_pauses),
        TEST(test_pauses_begin_anew_after_an_answer),
        TEST(test_eight_are_asked_for_at_the_same_time),
        TEST(test_a_name_whose_addresses_all_fail_is_asked_for_soon),
        TEST(test_it_is_not_asked_for_more_often_than_each_second),
        TEST(test_who_has_no_address_or_no_name_is_not_judged),
        TEST(test_nothing_is_asked_behind_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
