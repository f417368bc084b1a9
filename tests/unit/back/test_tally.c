/* What attempts count: on the endpoint, by worker, and on the service. */
#include "lb/back/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct endpoint *endpoint;
static struct service *service;
static struct service_local *local;
static struct fleet fleet;

static int open_tally(void **state)
{
    (void)state;
    endpoint = endpoint_new(&(struct endpoint_options){
        .id = "1", .name = "n", .service = "s", .weight = 1, .worker_count = 2});
    service = service_new("s", SERVICE_HTTP, 2);
    struct service_policy *policy = service_policy_new(&(struct service_policy){0});
    local = service_use(service, 1, policy);
    service_policy_unref(policy);
    fleet = (struct fleet){.worker_index = 1};
    return 0;
}

static int close_tally(void **state)
{
    (void)state;
    service_release(local);
    service_unref(service);
    endpoint_unref(endpoint);
    return 0;
}

static void test_a_connect(void **state)
{
    (void)state;
    tally_connect(&fleet, local, endpoint, 1500);
    tally_connect(&fleet, local, endpoint, 500);
    assert_int_equal(endpoint->locals[1].connect_count, 2);
    assert_int_equal(endpoint->locals[1].connect_ns, 2000);
    assert_int_equal(endpoint->locals[0].connect_count, 0);
    assert_int_equal(histogram_count(&local->traffic.connects), 2);
}

static void test_each_failure_by_its_reason(void **state)
{
    (void)state;
    for (unsigned err = ENDPOINT_FAILURE_FIRST; err < ERR_COUNT; err++) {
        tally_failure(&fleet, local, endpoint, (enum err)err);
        assert_int_equal(endpoint->locals[1].failures[err - ENDPOINT_FAILURE_FIRST], 1);
        assert_int_equal(counter_get(&local->traffic.failures[err - TRAFFIC_FAILURE_FIRST]), 1);
    }
    assert_int_equal(endpoint_failure_count(endpoint), ENDPOINT_FAILURE_COUNT);
    assert_int_equal(endpoint->locals[0].failure_count, 0);
}

static void test_answers_by_the_class_of_their_status(void **state)
{
    static const unsigned statuses[] = {101, 200, 299, 404, 599, 600, 999};
    static const unsigned want[6] = {0, 1, 2, 0, 1, 3}; /* what is beyond counts as 5xx */
    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        tally_answer(&fleet, endpoint, statuses[i]);
    for (unsigned class = 0; class < 6; class ++)
        assert_int_equal(endpoint->locals[1].answers[class], want[class]);
    assert_int_equal(endpoint_request_count(endpoint), 7);
}

static void test_durations(void **state)
{
    (void)state;
    tally_duration(&fleet, endpoint, 1000000);
    tally_duration(&fleet, endpoint, 1000001);
    assert_int_equal(counter_get(&endpoint->locals[1].durations.buckets[0]), 1);
    assert_int_equal(counter_get(&endpoint->locals[1].durations.buckets[1]), 1);
    assert_int_equal(counter_get(&endpoint->locals[1].durations.sum_ns), 2000001);
    assert_int_equal(counter_get(&endpoint->locals[0].durations.sum_ns), 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_tally, close_tally)
    const struct CMUnitTest tests[] = {
        TEST(test_a_connect),
        TEST(test_each_failure_by_its_reason),
        TEST(test_answers_by_the_class_of_their_status),
        TEST(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
