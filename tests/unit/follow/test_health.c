/* What is observed of endpoints, brought together: who gets in, who is left out, who stays in because
 * too many would be out, and what changes with time alone. */
#include "lb/follow/health.h"

#include "tests/unit/health/health_case.h"

#define COUNT 3u

static struct health health;
static struct endpoint *endpoints[COUNT];
static struct pool_service service;
static struct pool pool;
static unsigned change_count;

static void on_change(void *owner)
{
    assert_ptr_equal(owner, &health);
    change_count++;
}

/* A snapshot of what is known by now has settled. */
static void publish(void)
{
    for (unsigned i = 0; i < service.endpoint_count; i++)
        endpoint_set_state(endpoints[i], endpoint_judge(endpoints[i]));
    health_follow(&health, &pool);
    pretend_uv_settle();
}

static void pass(unsigned ms)
{
    for (unsigned passed = 0; passed < ms; passed += 4)
        pretend_uv_pass(4);
}

static int open_health(void **state)
{
    open_loop(state);
    policy->outlier = (struct outlier_rules){
        .failures_max = 3, .errors_max = 4, .eject_ms = 2000, .max_percent = 50};
    health_init(&health,
                &(struct health_options){.loop = &loop, .on_change = on_change, .owner = &health});
    for (unsigned i = 0; i < COUNT; i++) {
        char address[32];
        snprintf(address, sizeof(address), "10.0.0.%u:80", i + 1);
        endpoints[i] = new_endpoint(address);
        endpoints[i]->source_state = ENDPOINT_READY;
        endpoints[i]->is_admitted = true;
    }
    service =
        (struct pool_service){.policy = policy, .endpoints = endpoints, .endpoint_count = COUNT};
    pool = (struct pool){.services = &service, .service_count = 1};
    change_count = 0;
    return 0;
}

static int close_health(void **state)
{
    health_close(&health);
    health_close(&health);
    pretend_uv_settle();
    for (unsigned i = 0; i < COUNT; i++)
        endpoint_unref(endpoints[i]);
    return close_loop(state);
}

static void fail_on(struct endpoint *endpoint, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        outlier_note_failure(endpoint, &policy->outlier);
}

/* All but the first `count` are down by their source's word. */
static void leave_ready(unsigned count)
{
    for (unsigned i = count; i < COUNT; i++)
        endpoint_take_source_state(endpoints[i], ENDPOINT_UNHEALTHY);
}

/* ---- first contacts -------------------------------------------------------------------------- */

static void test_a_first_contact_lets_it_in(void **state)
{
    (void)state;
    endpoints[1]->is_admitted = false;
    publish();
    assert_int_equal(connect_count(), 1);
    world_connect(latest(), UV_ECONNREFUSED);
    assert_false(endpoints[1]->is_admitted);
    assert_string_not_equal(endpoints[1]->problem, "");
    assert_int_equal(change_count, 0);
    pass(50);
    world_connect(latest(), 0);
    assert_true(endpoints[1]->is_admitted);
    assert_string_equal(endpoints[1]->problem, "");
    assert_int_equal(change_count, 1);
}

static void test_who_is_known_is_not_asked(void **state)
{
    (void)state;
    publish();
    pass(1000);
    assert_int_equal(connect_count(), 0);
}

/* The source takes its word back before the contact. */
static void test_who_is_not_ready_any_more_is_not_let_in(void **state)
{
    (void)state;
    endpoints[1]->is_admitted = false;
    publish();
    endpoint_take_source_state(endpoints[1], ENDPOINT_PAUSED);
    publish();
    assert_string_equal(world_word_of(latest()), "closed");
    assert_int_equal(atomic_load(&endpoints[1]->ref_count), 1);
    assert_int_equal(change_count, 0);
}

static void test_so_many_at_the_same_time(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT; i++)
        endpoints[i]->is_admitted = false;
    health_limit(&health, 1, 2);
    publish();
    assert_int_equal(connect_count(), 2);
    world_connect(world_backend(0), 0);
    assert_int_equal(connect_count(), 3);
}

/* ---- requests that fail ---------------------------------------------------------------------- */

static void test_nothing_is_known_before_the_first_snapshot(void **state)
{
    (void)state;
    health_judge_suspects(&health);
    assert_int_equal(change_count, 0);
}

static void test_a_suspect_is_left_out(void **state)
{
    (void)state;
    publish();
    fail_on(endpoints[1], 2);
    health_judge_suspects(&health);
    assert_false(endpoints[1]->is_ejected);
    assert_int_equal(change_count, 0);
    fail_on(endpoints[1], 1);
    health_judge_suspects(&health);
    assert_true(endpoints[1]->is_ejected);
    assert_string_equal(endpoints[1]->problem,
                        "3 attempts in a row failed, so it is left out for 2000 ms");
    assert_false(endpoints[0]->is_ejected || endpoints[2]->is_ejected);
    assert_int_equal(change_count, 1);
    health_judge_suspects(&health); /* it is out already */
    assert_int_equal(change_count, 1);
}

static void test_it_comes_back_by_a_first_contact_when_its_time_is_over(void **state)
{
    (void)state;
    publish();
    fail_on(endpoints[1], 3);
    health_judge_suspects(&health);
    publish();
    pass(1990);
    assert_int_equal(connect_count(), 0);
    pass(10 + SLACK_MS);
    assert_int_equal(connect_count(), 1);
    assert_true(endpoints[1]->is_ejected);
    change_count = 0;
    world_connect(latest(), 0);
    assert_false(endpoints[1]->is_ejected);
    assert_string_equal(endpoints[1]->problem, "");
    assert_int_equal(atomic_load(&endpoints[1]->streaks), 0);
    assert_int_equal(change_count, 1);
    publish();
    assert_int_equal(endpoint_state(endpoints[1]), ENDPOINT_READY);
}

static void test_the_last_one_stays_in_and_is_left_out_once_another_is_ready(void **state)
{
    (void)state;
    leave_ready(1);
    publish();
    fail_on(endpoints[0], 3);
    health_judge_suspects(&health);
    assert_true(endpoints[0]->is_suspect);
    assert_false(endpoints[0]->is_ejected);
    assert_string_equal(endpoints[0]->problem,
                        "3 attempts in a row failed; it stays in, because too many would be out");
    assert_int_equal(change_count, 1);
    health_judge_suspects(&health); /* nothing new */
    assert_int_equal(change_count, 1);
    publish();
    endpoint_take_source_state(endpoints[1], ENDPOINT_READY);
    endpoints[1]->is_admitted = true;
    pass(500 + SLACK_MS);
    assert_true(endpoints[0]->is_ejected);
    assert_false(endpoints[0]->is_suspect);
    assert_int_equal(change_count, 2);
}

/* Nobody tells of successes: it is looked for them. */
static void test_a_suspect_that_has_recovered(void **state)
{
    (void)state;
    leave_ready(1);
    publish();
    fail_on(endpoints[0], 3);
    health_judge_suspects(&health);
    publish();
    pass(600);
    assert_true(endpoints[0]->is_suspect); /* looked at, and still one */
    outlier_note_success(endpoints[0]);
    pass(500 + SLACK_MS);
    assert_false(endpoints[0]->is_suspect);
    assert_string_equal(endpoints[0]->problem, "");
    assert_int_equal(change_count, 2);
}

/* What it had done before says nothing of who is not in use. */
static void test_only_who_is_in_use_is_judged(void **state)
{
    (void)state;
    publish();
    endpoints[1]->is_failing = true;
    endpoint_note_problem(endpoints[1], "said by a check");
    fail_on(endpoints[1], 3);
    health_judge_suspects(&health);
    assert_false(endpoints[1]->is_ejected || endpoints[1]->is_suspect);
    assert_string_equal(endpoints[1]->problem, "said by a check");
    assert_int_equal(change_count, 0);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void test_shares_grow_while_one_is_new(void **state)
{
    (void)state;
    publish();
    pass(3000);
    assert_int_equal(change_count, 0); /* all is as it was */
    endpoints[2]->slow_start_ms = 3200;
    endpoints[2]->ready_ms = loop_now_ms(&loop);
    service.is_warming = true;
    publish();
    pass(3200 / 32 + 200 - 8); /* a step of it, but not too often */
    assert_int_equal(change_count, 0);
    pass(SLACK_MS + 8);
    assert_int_equal(change_count, 1);
    pass(2700);
    assert_in_range(change_count, 8, 11);
    pass(700);
    change_count = 0;
    service.is_warming = false;
    publish();
    pass(3000);
    assert_int_equal(change_count, 0);
}

static void test_checks_that_fail_are_told(void **state)
{
    (void)state;
    policy->check = usual_check(CHECK_TCP);
    policy->check.fall = 1;
    publish();
    for (unsigned ms = 0; ms < 11000 && connect_count() == 0; ms += 4)
        pretend_uv_pass(4);
    assert_int_equal(change_count, 0);
    world_connect(latest(), UV_ECONNREFUSED);
    assert_int_equal(change_count, 1);
}

static void test_nothing_goes_on_behind_the_end(void **state)
{
    (void)state;
    endpoints[1]->is_admitted = false;
    publish();
    fail_on(endpoints[0], 3);
    health_close(&health);
    pass(1000);
    assert_string_equal(world_word_of(latest()), "closed");
    assert_int_equal(connect_count(), 1);
    health_judge_suspects(&health);
    assert_false(endpoints[0]->is_ejected);
    assert_int_equal(change_count, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_health, close_health)
    const struct CMUnitTest tests[] = {
        TEST(test_a_first_contact_lets_it_in),
        TEST(test_who_is_known_is_not_asked),
        TEST(test_who_is_not_ready_any_more_is_not_let_in),
        TEST(test_so_many_at_the_same_time),
        TEST(test_nothing_is_known_before_the_first_snapshot),
        TEST(test_a_suspect_is_left_out),
        TEST(test_it_comes_back_by_a_first_contact_when_its_time_is_over),
        TEST(test_the_last_one_stays_in_and_is_left_out_once_another_is_ready),
        TEST(test_a_suspect_that_has_recovered),
        TEST(test_only_who_is_in_use_is_judged),
        TEST(test_shares_grow_while_one_is_new),
        TEST(test_checks_that_fail_are_told),
        TEST(test_nothing_goes_on_behind_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
