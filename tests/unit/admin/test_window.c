/* Rates and latencies of the last seconds, from counters that only grow. */
#include "lb/admin/window.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void observe(struct metrics *totals, uint16_t status, uint64_t total_ns)
{
    struct metrics_request record = {.method = VIEW("GET"), .status = status, .total_ns = total_ns};
    struct traffic traffic = {0};
    metrics_observe(totals, &traffic, &record);
}

static void test_says_nothing_before_half_a_second(void **state)
{
    struct window window = {0};
    struct metrics *totals = test_calloc(1, sizeof(*totals));
    uint64_t buckets[WINDOW_BUCKET_COUNT];
    (void)state;
    observe(totals, 200, 1);
    assert_int_equal(window_span_ms(&window, 5000), 0);
    assert_int_equal(window_durations(&window, totals, buckets), 0);
    assert_int_equal(window_class_count(&window, totals, 2), 0);
    window_add(&window, 5000, totals, NULL);
    assert_int_equal(window_span_ms(&window, 5499), 0);
    assert_int_equal(window_span_ms(&window, 5500), 500);
    window_clear(&window);
    assert_int_equal(window_span_ms(&window, 9000), 0);
    test_free(totals);
}

static void test_counts_what_came_since_the_oldest(void **state)
{
    struct window window = {0};
    struct metrics *totals = test_calloc(1, sizeof(*totals));
    uint64_t buckets[WINDOW_BUCKET_COUNT];
    (void)state;
    for (unsigned second = 0; second < 25; second++) {
        window_add(&window, second * 1000, totals, NULL);
        observe(totals, 200, 2000000);
        observe(totals, second < 20 ? 200 : 502, 2000000);
    }
    assert_int_equal(window_span_ms(&window, 25000), 10000); /* the oldest is of second 15 */
    assert_true(window_rate(&window, 25000, totals) == 2);
    assert_int_equal(window_class_count(&window, totals, 5), 5);
    assert_int_equal(window_class_count(&window, totals, 2), 15);
    assert_int_equal(window_durations(&window, totals, buckets), 20);
    assert_int_equal(buckets[4], 20);
    window_clear(&window);
    test_free(totals);
}

static struct endpoint *new_endpoint(const char *id)
{
    return endpoint_new(&(struct endpoint_options){
        .id = id, .name = id, .service = "shop", .weight = 1, .worker_count = 1});
}

static void test_endpoints_have_rates_of_their_own(void **state)
{
    struct window window = {0};
    struct metrics *totals = test_calloc(1, sizeof(*totals));
    struct endpoint *endpoints[] = {new_endpoint("a"), new_endpoint("b"), new_endpoint("new")};
    struct service *kept = service_new("shop", SERVICE_HTTP, 1);
    struct pool_service service = {
        .kept = kept, .name = kept->name, .endpoints = endpoints, .endpoint_count = 2};
    struct pool pool = {.ref_count = 1, .services = &service, .service_count = 1};
    (void)state;
    endpoint_count(&endpoints[1]->locals[0].answers[2], 7);
    window_add(&window, 1000, totals, &pool);
    for (unsigned i = 0; i < 3; i++)
        endpoint_count(&endpoints[i]->locals[0].answers[2], 10 * (int64_t)i);
    struct window_endpoint since;
    uint64_t span_ms;
    assert_true(window_endpoint_count(&window, 3000, endpoints[0], &since, &span_ms));
    assert_int_equal(since.count, 0);
    assert_true(window_endpoint_count(&window, 3000, endpoints[1], &since, &span_ms));
    assert_int_equal(since.count, 10);
    assert_int_equal(span_ms, 2000);
    assert_false(window_endpoint_count(&window, 1400, endpoints[1], &since, &span_ms));
    assert_false(window_endpoint_count(&window, 3000, endpoints[2], &since, &span_ms));
    service.endpoint_count = 3; /* it has come: what it had before is nobody's rate */
    window_add(&window, 3000, totals, &pool);
    endpoint_count(&endpoints[2]->locals[0].answers[5], 3);
    assert_true(window_endpoint_count(&window, 4000, endpoints[2], &since, &span_ms));
    assert_int_equal(since.count, 3);
    assert_int_equal(since.answers_5xx, 3);
    assert_int_equal(span_ms, 1000);
    assert_true(window_endpoint_count(&window, 4000, endpoints[1], &since, &span_ms));
    assert_int_equal(span_ms, 3000);
    assert_int_equal(pool.ref_count, 3);
    window_clear(&window);
    assert_int_equal(pool.ref_count, 1);
    for (unsigned i = 0; i < 3; i++)
        endpoint_unref(endpoints[i]);
    service_unref(kept);
    test_free(totals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_nothing_before_half_a_second),
        cmocka_unit_test(test_counts_what_came_since_the_oldest),
        cmocka_unit_test(test_endpoints_have_rates_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
