/* A worker's counters, and their sum over workers. */
#include "lb/observe/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_observe(void **state)
{
    struct metrics metrics = {0};
    (void)state;
    metrics_observe(&metrics, &(struct record){.end = ERR_OK,
                                               .status = 200,
                                               .attempt_count = 1,
                                               .request_body_bytes = 3,
                                               .response_body_bytes = 1000});
    metrics_observe(
        &metrics, &(struct record){
                      .end = ERR_OK, .status = 299, .attempt_count = 3, .response_body_bytes = 24});
    metrics_observe(&metrics, &(struct record){.end = ERR_REFUSED,
                                               .status = 502,
                                               .attempt_count = 2,
                                               .request_body_bytes = 4});
    metrics_observe(&metrics, &(struct record){.end = ERR_CLIENT_GONE, .status = 0});
    assert_int_equal(metrics_get(&metrics.requests_by_class[2]), 2);
    assert_int_equal(metrics_get(&metrics.requests_by_class[5]), 1);
    assert_int_equal(metrics_get(&metrics.requests_by_class[0]), 1);
    assert_int_equal(metrics_get(&metrics.ends[ERR_OK]), 2);
    assert_int_equal(metrics_get(&metrics.ends[ERR_REFUSED]), 1);
    assert_int_equal(metrics_get(&metrics.ends[ERR_CLIENT_GONE]), 1);
    assert_int_equal(metrics_get(&metrics.retry_count), 3); /* a first attempt is none */
    assert_int_equal(metrics_get(&metrics.request_body_bytes), 7);
    assert_int_equal(metrics_get(&metrics.response_body_bytes), 1024);
}

static void test_every_class_and_end(void **state)
{
    struct metrics metrics = {0};
    (void)state;
    for (unsigned status = 100; status < 600; status++)
        metrics_observe(&metrics, &(struct record){.status = status});
    for (unsigned class = 1; class < 6; class ++)
        assert_int_equal(metrics_get(&metrics.requests_by_class[class]), 100);
    for (int end = 1; end < ERR_COUNT; end++) {
        metrics_observe(&metrics, &(struct record){.end = (enum err)end, .status = 500});
        assert_int_equal(metrics_get(&metrics.ends[end]), 1);
    }
}

/* Every counter is in the sum: a new one cannot be forgotten. */
static void test_merge(void **state)
{
    enum { COUNT = sizeof(struct metrics) / sizeof(metrics_counter) };
    union {
        struct metrics metrics;
        metrics_counter counters[COUNT];
    } a = {0}, b = {0}, sum = {0};
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        metrics_add(&a.counters[i], i + 1);
        metrics_add(&b.counters[i], 1000 * (i + 1));
    }
    metrics_merge(&sum.metrics, &a.metrics);
    metrics_merge(&sum.metrics, &b.metrics);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_int_equal(metrics_get(&sum.counters[i]), 1001 * (i + 1));
        assert_int_equal(metrics_get(&a.counters[i]), i + 1); /* read, not taken */
    }
}

/* An open connection goes as well as comes. */
static void test_add(void **state)
{
    metrics_counter counter = 5;
    (void)state;
    metrics_add(&counter, (uint64_t)-2);
    assert_int_equal(metrics_get(&counter), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_observe),
        cmocka_unit_test(test_every_class_and_end),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_add),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
