/* The few counts of a service, of all workers. */
#include "lb/pool/service_tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct service_policy *policy;
static struct service_local *locals[2];

static struct service *open(enum service_kind kind)
{
    struct service *service = service_new("shop", kind, 3);
    policy = service_policy_new(&(struct service_policy){0});
    for (unsigned i = 0; i < 2; i++) /* the third has never used it */
        locals[i] = service_use(service, i, policy);
    return service;
}

static void close(struct service *service)
{
    for (unsigned i = 0; i < 2; i++)
        service_release(locals[i]);
    service_policy_unref(policy);
    service_unref(service);
}

static void test_requests(void **state)
{
    struct service *service = open(SERVICE_HTTP);
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct traffic *traffic = &locals[i]->traffic;
        traffic_count(traffic, VIEW("GET"), 200);
        traffic_count(traffic, VIEW("GET"), 503);
        traffic_count(traffic, VIEW("POST"), 204);
        counter_add(&traffic->others[4], 5);
        counter_add(&traffic->retry_count, 1);
        histogram_observe(&traffic->durations, 2000000);
    }
    struct service_tally tally = service_tally_of(service);
    assert_int_equal(tally.answers[2], 4);
    assert_int_equal(tally.answers[4], 10);
    assert_int_equal(tally.answers[5], 2);
    assert_int_equal(tally.retry_count, 2);
    assert_int_equal(tally.durations[histogram_bucket(2000000)], 2);
    assert_int_equal(service_tally_sum(service, &tally), 16);
    close(service);
}

/* A flow that ends as nothing is said any more has not failed. */
static void test_connections(void **state)
{
    struct service *service = open(SERVICE_UDP);
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct passing *passing = service_passing(service, i);
        counter_add(&passing->count, 4);
        counter_add(&passing->open_count, 1);
        counter_add(&passing->client_bytes, 10);
        counter_add(&passing->server_bytes, 20);
        passing_end(passing, ERR_IDLE, 1);
        passing_end(passing, ERR_REFUSED, 1);
        passing_end(passing, ERR_OK, 1);
    }
    struct service_tally tally = service_tally_of(service);
    assert_int_equal(tally.failed_count, 2);
    assert_int_equal(tally.client_bytes, 20);
    assert_int_equal(tally.server_bytes, 40);
    assert_int_equal(service_tally_sum(service, &tally), 8);
    close(service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_requests),
                                       cmocka_unit_test(test_connections)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
