/* What a worker counts of a service: by method and status, small, and summed over workers. */
#include "lb/observe/traffic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static uint64_t count_of(const struct traffic *traffic, enum traffic_method method, unsigned status)
{
    for (unsigned i = 0; i < TRAFFIC_PAIR_COUNT; i++) {
        uint64_t pair = counter_get(&traffic->pairs[i]);
        if (pair > 0 && traffic_method_of(pair) == method && traffic_status_of(pair) == status)
            return traffic_count_of(pair);
    }
    return 0;
}

static void count(struct traffic *traffic, const char *method, unsigned status)
{
    traffic_count(traffic, view_str(method), status);
}

static void test_by_method_and_status(void **state)
{
    struct traffic traffic = {0};
    (void)state;
    count(&traffic, "GET", 200);
    count(&traffic, "GET", 200);
    count(&traffic, "GET", 0);
    count(&traffic, "PATCH", 100);
    count(&traffic, "DELETE", 599);
    count(&traffic, "POST", 0);
    count(&traffic, "get", 404);
    count(&traffic, "GETS", 404);
    count(&traffic, NULL, 999);
    assert_int_equal(count_of(&traffic, TRAFFIC_GET, 200), 2);
    assert_int_equal(count_of(&traffic, TRAFFIC_GET, 0), 1);
    assert_int_equal(count_of(&traffic, TRAFFIC_PATCH, 100), 1);
    assert_int_equal(count_of(&traffic, TRAFFIC_DELETE, 599), 1);
    assert_int_equal(count_of(&traffic, TRAFFIC_POST, 0), 1);
    assert_int_equal(count_of(&traffic, TRAFFIC_OTHER, 404), 2);
    assert_int_equal(count_of(&traffic, TRAFFIC_OTHER, 999), 1);
    assert_int_equal(count_of(&traffic, TRAFFIC_OTHER, 400), 0);
}

static void test_every_method_has_its_own(void **state)
{
    struct traffic traffic = {0};
    (void)state;
    for (int method = 0; method < TRAFFIC_METHOD_COUNT; method++)
        count(&traffic, traffic_method_word((enum traffic_method)method), 200);
    for (int method = 0; method < TRAFFIC_METHOD_COUNT; method++)
        assert_int_equal(count_of(&traffic, (enum traffic_method)method, 200), 1);
}

/* A backend that makes up statuses gets no more room; each of its answers is counted once. */
static void test_more_pairs_than_there_is_room_for(void **state)
{
    struct traffic traffic = {0}, sum = {0};
    uint64_t total = 0;
    (void)state;
    for (unsigned status = 200; status < 500; status++)
        count(&traffic, "GET", status);
    count(&traffic, "GET", 200);
    traffic_merge(&sum, &traffic);
    for (unsigned i = 0; i < TRAFFIC_PAIR_COUNT; i++)
        total += traffic_count_of(counter_get(&sum.pairs[i]));
    assert_int_equal(total, TRAFFIC_PAIR_COUNT + 1);
    assert_int_equal(count_of(&sum, TRAFFIC_GET, 200), 2);
    for (unsigned class = 0; class < 6; class ++)
        total += counter_get(&sum.others[class]);
    assert_int_equal(total, 301);
    assert_int_equal(counter_get(&sum.others[4]), 100);
}

/* The same pair may have another place in each. */
static void test_merge_of_pairs(void **state)
{
    struct traffic a = {0}, b = {0}, sum = {0};
    (void)state;
    for (unsigned status = 200; status < 260; status++) {
        count(&a, "GET", status);
        count(&b, "GET", 459 - status);
        count(&b, "GET", 459 - status);
    }
    traffic_merge(&sum, &a);
    traffic_merge(&sum, &b);
    for (unsigned status = 200; status < 260; status++)
        assert_int_equal(count_of(&sum, TRAFFIC_GET, status), 3);
}

/* A pair that found its place in one worker and none in the sum is counted by its class. */
static void test_merge_of_full_ones(void **state)
{
    struct traffic a = {0}, b = {0}, sum = {0};
    uint64_t total = 0;
    (void)state;
    for (unsigned status = 0; status < TRAFFIC_PAIR_COUNT; status++) {
        count(&a, "GET", 200 + status);
        count(&b, "GET", 300 + status);
    }
    traffic_merge(&sum, &a);
    traffic_merge(&sum, &b);
    for (unsigned i = 0; i < TRAFFIC_PAIR_COUNT; i++)
        total += traffic_count_of(counter_get(&sum.pairs[i]));
    assert_int_equal(total, TRAFFIC_PAIR_COUNT);
    assert_int_equal(counter_get(&sum.others[3]), TRAFFIC_PAIR_COUNT);
}

/* A count does not run into the key. */
static void test_large_counts(void **state)
{
    struct traffic traffic = {0}, sum = {0};
    (void)state;
    count(&traffic, "PUT", 201);
    for (unsigned i = 0; i < TRAFFIC_PAIR_COUNT; i++)
        if (counter_get(&traffic.pairs[i]) > 0)
            counter_add(&traffic.pairs[i], UINT64_C(1000000000000));
    traffic_merge(&sum, &traffic);
    count(&sum, "PUT", 201);
    assert_int_equal(count_of(&sum, TRAFFIC_PUT, 201), UINT64_C(1000000000002));
}

/* Every counter is in the sum: a new one cannot be forgotten. */
static void test_merge(void **state)
{
    struct traffic a = {0}, b = {0}, sum = {0};
    counter64 *x = (counter64 *)&a, *y = (counter64 *)&b;
    const counter64 *z = (const counter64 *)&sum;
    (void)state;
    for (unsigned i = TRAFFIC_PAIR_COUNT;
         i < offsetof(struct traffic, exemplars) / sizeof(counter64); i++) {
        counter_add(&x[i], i + 1);
        counter_add(&y[i], 1000 * (i + 1));
    }
    traffic_merge(&sum, &a);
    traffic_merge(&sum, &b);
    for (unsigned i = TRAFFIC_PAIR_COUNT;
         i < offsetof(struct traffic, exemplars) / sizeof(counter64); i++)
        assert_int_equal(counter_get(&z[i]), 1001 * (i + 1));
}

/* There may be many services. */
static void test_it_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct traffic) <= 2048);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_method_and_status),
        cmocka_unit_test(test_every_method_has_its_own),
        cmocka_unit_test(test_more_pairs_than_there_is_room_for),
        cmocka_unit_test(test_merge_of_pairs),
        cmocka_unit_test(test_merge_of_full_ones),
        cmocka_unit_test(test_large_counts),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_it_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
