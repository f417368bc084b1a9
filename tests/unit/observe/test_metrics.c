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

static void observe(struct metrics *metrics, struct record record, const char *method)
{
    record.method = view_str(method);
    metrics_observe(metrics, &record);
}

static uint64_t count_of(const struct metrics_requests *requests, enum metrics_method method,
                         unsigned status)
{
    for (unsigned i = 0; i < METRICS_PAIR_COUNT; i++) {
        const struct metrics_pair *pair = &requests->pairs[i];
        if (metrics_get(&pair->key) > 0 && metrics_pair_method(pair) == method &&
            metrics_pair_status(pair) == status)
            return metrics_get(&pair->count);
    }
    return 0;
}

static void test_by_method_and_status(void **state)
{
    struct metrics metrics = {0};
    struct view app = VIEW("app");
    (void)state;
    observe(&metrics, (struct record){.status = 200, .service = app}, "GET");
    observe(&metrics, (struct record){.status = 200, .service = app}, "GET");
    observe(&metrics, (struct record){.status = 100, .service = app}, "PATCH");
    observe(&metrics, (struct record){.status = 599, .service = app}, "DELETE");
    observe(&metrics, (struct record){.status = 0, .service = app}, "POST");
    observe(&metrics, (struct record){.status = 404, .service = app}, "get");
    observe(&metrics, (struct record){.status = 404, .service = app}, "GETS");
    observe(&metrics, (struct record){.status = 400}, NULL);
    assert_int_equal(count_of(&metrics.routed, METRICS_GET, 200), 2);
    assert_int_equal(count_of(&metrics.routed, METRICS_PATCH, 100), 1);
    assert_int_equal(count_of(&metrics.routed, METRICS_DELETE, 599), 1);
    assert_int_equal(count_of(&metrics.routed, METRICS_POST, 0), 1);
    assert_int_equal(count_of(&metrics.routed, METRICS_OTHER, 404), 2);
    assert_int_equal(count_of(&metrics.unrouted, METRICS_OTHER, 400), 1);
    assert_int_equal(count_of(&metrics.routed, METRICS_OTHER, 400), 0);
}

/* A tunnel may last for days: it says nothing about how quick answers are. */
static void test_durations(void **state)
{
    struct metrics metrics = {0};
    struct view app = VIEW("app");
    (void)state;
    observe(&metrics, (struct record){.status = 200, .service = app, .total_ns = 1}, "GET");
    observe(&metrics, (struct record){.status = 200, .service = app, .total_ns = 100001}, "GET");
    observe(&metrics, (struct record){.status = 200, .service = app, .total_ns = UINT64_C(1) << 40},
            "GET");
    observe(&metrics,
            (struct record){.status = 101, .service = app, .total_ns = 1, .is_tunnel = true},
            "GET");
    assert_int_equal(metrics_get(&metrics.routed.durations.buckets[0]), 1);
    assert_int_equal(metrics_get(&metrics.routed.durations.buckets[1]), 1);
    assert_int_equal(metrics_get(&metrics.routed.durations.buckets[METRICS_BOUND_COUNT]), 1);
    assert_int_equal(metrics_get(&metrics.routed.durations.sum_ns), 100002 + (UINT64_C(1) << 40));
    assert_int_equal(count_of(&metrics.routed, METRICS_GET, 101), 1);
}

static void test_bounds_ascend(void **state)
{
    const uint64_t *bounds_ns = metrics_bounds_ns();
    (void)state;
    assert_int_equal(bounds_ns[0], 100000);
    assert_int_equal(bounds_ns[METRICS_BOUND_COUNT - 1], UINT64_C(60000000000));
    for (unsigned i = 1; i < METRICS_BOUND_COUNT; i++)
        assert_true(bounds_ns[i] > bounds_ns[i - 1]);
}

/* A backend that makes up statuses gets no more room; each of its answers is counted once. */
static void test_more_pairs_than_there_is_room_for(void **state)
{
    struct metrics metrics = {0}, sum = {0};
    uint64_t total = 0;
    (void)state;
    for (unsigned status = 200; status < 500; status++)
        observe(&metrics, (struct record){.status = status, .service = VIEW("app")}, "GET");
    observe(&metrics, (struct record){.status = 200, .service = VIEW("app")}, "GET");
    metrics_merge(&sum, &metrics);
    for (unsigned i = 0; i < METRICS_PAIR_COUNT; i++)
        total += metrics_get(&sum.routed.pairs[i].count);
    assert_int_equal(total, METRICS_PAIR_COUNT + 1);
    assert_int_equal(count_of(&sum.routed, METRICS_GET, 200), 2);
    for (unsigned class = 0; class < 6; class ++)
        total += metrics_get(&sum.routed.others[class]);
    assert_int_equal(total, 301);
    assert_int_equal(metrics_get(&sum.routed.others[4]), 100);
}

/* The same pair may have another place in each. */
static void test_merge_of_pairs(void **state)
{
    struct metrics a = {0}, b = {0}, sum = {0};
    struct view app = VIEW("app");
    (void)state;
    for (unsigned status = 200; status < 260; status++) {
        observe(&a, (struct record){.status = status, .service = app}, "GET");
        observe(&b, (struct record){.status = 459 - status, .service = app}, "GET");
    }
    observe(&b, (struct record){.status = 400}, "PUT");
    metrics_merge(&sum, &a);
    metrics_merge(&sum, &b);
    for (unsigned status = 200; status < 260; status++)
        assert_int_equal(count_of(&sum.routed, METRICS_GET, status), 2);
    assert_int_equal(count_of(&sum.unrouted, METRICS_PUT, 400), 1);
}

/* Every counter is in the sum: a new one cannot be forgotten. */
static void test_merge(void **state)
{
    enum { COUNT = offsetof(struct metrics, routed) / sizeof(metrics_counter) };
    struct metrics a = {0}, b = {0}, sum = {0};
    metrics_counter *x = (metrics_counter *)&a, *y = (metrics_counter *)&b;
    const metrics_counter *z = (const metrics_counter *)&sum;
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        metrics_add(&x[i], i + 1);
        metrics_add(&y[i], 1000 * (i + 1));
    }
    metrics_add(&a.routed.others[3], 1);
    metrics_add(&b.unrouted.durations.sum_ns, 5);
    metrics_merge(&sum, &a);
    metrics_merge(&sum, &b);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(metrics_get(&z[i]), 1001 * (i + 1));
    assert_int_equal(metrics_get(&sum.routed.others[3]), 1);
    assert_int_equal(metrics_get(&sum.unrouted.durations.sum_ns), 5);
}

/* There may be many services. */
static void test_it_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct metrics_requests) < 2304);
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
        cmocka_unit_test(test_by_method_and_status),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_bounds_ascend),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_merge_of_pairs),
        cmocka_unit_test(test_more_pairs_than_there_is_room_for),
        cmocka_unit_test(test_it_is_small),
        cmocka_unit_test(test_add),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
