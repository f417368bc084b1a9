/* A worker's counters, and their sum over workers. */
#include "lb/observe/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_observe(void **state)
{
    struct metrics metrics = {0};
    struct traffic traffic = {0};
    (void)state;
    metrics_observe(&metrics, &traffic,
                    &(struct metrics_request){.end = ERR_OK,
                                              .status = 200,
                                              .attempt_count = 1,
                                              .request_body_bytes = 3,
                                              .response_body_bytes = 1000});
    metrics_observe(&metrics, &traffic,
                    &(struct metrics_request){.end = ERR_OK,
                                              .status = 299,
                                              .attempt_count = 3,
                                              .response_body_bytes = 24,
                                              .is_reused = true});
    metrics_observe(
        &metrics, &traffic,
        &(struct metrics_request){
            .end = ERR_REFUSED, .status = 502, .attempt_count = 2, .request_body_bytes = 4});
    metrics_observe(&metrics, &traffic,
                    &(struct metrics_request){.end = ERR_CLIENT_GONE, .status = 0});
    assert_int_equal(counter_get(&metrics.requests_by_class[2]), 2);
    assert_int_equal(counter_get(&metrics.requests_by_class[5]), 1);
    assert_int_equal(counter_get(&metrics.requests_by_class[0]), 1);
    assert_int_equal(counter_get(&metrics.ends[ERR_OK]), 2);
    assert_int_equal(counter_get(&metrics.ends[ERR_REFUSED]), 1);
    assert_int_equal(counter_get(&metrics.ends[ERR_CLIENT_GONE]), 1);
    assert_int_equal(counter_get(&metrics.retry_count), 3); /* a first attempt is none */
    assert_int_equal(counter_get(&traffic.retry_count), 3);
    assert_int_equal(counter_get(&traffic.attempt_count), 6);
    assert_int_equal(counter_get(&traffic.reuse_count), 1);
    assert_int_equal(counter_get(&metrics.request_body_bytes), 7);
    assert_int_equal(counter_get(&metrics.response_body_bytes), 1024);
    assert_int_equal(counter_get(&traffic.request_body_bytes), 7);
    assert_int_equal(counter_get(&traffic.response_body_bytes), 1024);
    assert_int_equal(counter_get(&traffic.ends[ERR_OK]), 2);
    assert_int_equal(counter_get(&traffic.ends[ERR_REFUSED]), 1);
}

static void test_every_class_and_end(void **state)
{
    struct metrics metrics = {0};
    struct traffic traffic = {0};
    (void)state;
    for (unsigned status = 100; status < 600; status++)
        metrics_observe(&metrics, &traffic, &(struct metrics_request){.status = status});
    for (unsigned class = 1; class < 6; class ++)
        assert_int_equal(counter_get(&metrics.requests_by_class[class]), 100);
    for (int end = 1; end < ERR_COUNT; end++) {
        metrics_observe(&metrics, &traffic,
                        &(struct metrics_request){.end = (enum err)end, .status = 500});
        assert_int_equal(counter_get(&metrics.ends[end]), 1);
    }
}

/* A tunnel may last for days: it says nothing about how quick answers are. */
static void test_durations(void **state)
{
    static const struct metrics_request records[] = {
        {.status = 200, .total_ns = 1},
        {.status = 200, .total_ns = 100001},
        {.status = 200, .total_ns = UINT64_C(1) << 40},
        {.status = 101, .total_ns = 1, .is_tunnel = true},
    };
    struct metrics metrics = {0};
    struct traffic traffic = {0};
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        metrics_observe(&metrics, &traffic, &records[i]);
    for (unsigned i = 0; i <= HISTOGRAM_BOUND_COUNT; i++) {
        unsigned want = i < 2 || i == HISTOGRAM_BOUND_COUNT;
        assert_int_equal(counter_get(&traffic.durations.buckets[i]), want);
        assert_int_equal(counter_get(&metrics.durations[i]), want);
    }
    assert_int_equal(counter_get(&traffic.durations.sum_ns), 100002 + (UINT64_C(1) << 40));
}

#define TRACE "0123456789abcdef0123456789abcdef"

/* Where its trace is known, and the bucket says something of it. */
static void test_exemplars(void **state)
{
    struct metrics metrics = {0};
    struct traffic traffic = {0};
    struct exemplar exemplar;
    struct metrics_request request = {.total_ns = 100001, .wall_ns = 5, .is_tunnel = true};
    (void)state;
    request.trace_id = VIEW(TRACE);
    metrics_observe(&metrics, &traffic, &request);
    assert_false(exemplars_read(&traffic.exemplars, 1, &exemplar));
    request.is_tunnel = false;
    metrics_observe(&metrics, &traffic, &request);
    assert_true(exemplars_read(&traffic.exemplars, 1, &exemplar));
    assert_string_equal(exemplar.trace_id, TRACE);
    assert_int_equal(exemplar.value_ns, 100001);
    assert_int_equal(exemplar.wall_ns, 5);
    request.trace_id = VIEW("");
    request.wall_ns = 6;
    metrics_observe(&metrics, &traffic, &request);
    assert_true(exemplars_read(&traffic.exemplars, 1, &exemplar));
    assert_int_equal(exemplar.wall_ns, 5);
}

/* Every counter is in the sum: a new one cannot be forgotten. */
static void test_merge(void **state)
{
    enum { COUNT = sizeof(struct metrics) / sizeof(counter64) };
    struct metrics a = {0}, b = {0}, sum = {0};
    counter64 *x = (counter64 *)&a, *y = (counter64 *)&b;
    const counter64 *z = (const counter64 *)&sum;
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        counter_add(&x[i], i + 1);
        counter_add(&y[i], 1000 * (i + 1));
    }
    metrics_merge(&sum, &a);
    metrics_merge(&sum, &b);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(counter_get(&z[i]), 1001 * (i + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_observe),   cmocka_unit_test(test_every_class_and_end),
        cmocka_unit_test(test_durations), cmocka_unit_test(test_exemplars),
        cmocka_unit_test(test_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
