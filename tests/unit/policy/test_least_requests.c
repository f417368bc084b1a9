/* Who has the fewest requests in flight gets the next one, whichever worker they are of. */
#include "lb/policy/least_requests.h"

#include "tests/unit/policy/balance_case.h"

#include "lb/policy/algorithm.h"
#include "lb/policy/outlier.h"

#define NO_KEY (&(struct algorithm_key){0})
#define ALL    CASE_COUNT_MAX

static struct balance_tried none; /* stays so */

static struct endpoint *at(const struct pool *pool, unsigned index)
{
    return pool->services[0].endpoints[index];
}

static void test_the_counts_of_all_workers_decide(void **state)
{
    (void)state;
    struct pool *pool = case_build(NULL, "least-requests", 3, ALL, NULL);
    case_count(at(pool, 0), 1, 2);
    case_count(at(pool, 2), 0, 1);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(case_index(algorithm_pick(&pool->services[0], &none, NO_KEY)), 1);
    case_count(at(pool, 1), 0, 3);
    assert_int_equal(case_index(algorithm_pick(&pool->services[0], &none, NO_KEY)), 2);
    pool_unref(pool);
}

static void test_ties_go_round(void **state)
{
    (void)state;
    struct pool *pool = case_build(NULL, "least-requests", 5, ALL, NULL);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(case_index(algorithm_pick(&pool->services[0], &none, NO_KEY)), i % 5);
    pool_unref(pool);
}

/* Eight at a time that do not end: as the weights are. */
static void test_weights_count(void **state)
{
    static const unsigned weights[] = {1, 2, 5};
    (void)state;
    struct pool *pool = case_build(NULL, "least-requests", 3, ALL, weights);
    for (unsigned i = 0; i < 80; i++)
        case_count(algorithm_pick(&pool->services[0], &none, NO_KEY), i % 2, 1);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(endpoint_inflight_count(at(pool, i)), 10 * weights[i]);
    pool_unref(pool);
}

static void test_a_retry_goes_to_another_one_and_last_to_those_in_doubt(void **state)
{
    const struct outlier_rules rules = {.failures_max = 9};
    struct balance_tried tried = {0};
    (void)state;
    struct pool *pool = case_build(NULL, "least-requests", 3, ALL, NULL);
    const struct pool_service *service = &pool->services[0];
    outlier_note_failure(at(pool, 1), &rules);
    case_count(at(pool, 2), 0, 5);
    balance_note_tried(&tried, at(pool, 0));
    assert_ptr_equal(algorithm_pick(service, &tried, NO_KEY), at(pool, 2));
    balance_note_tried(&tried, at(pool, 2));
    assert_ptr_equal(algorithm_pick(service, &tried, NO_KEY), at(pool, 1));
    balance_note_tried(&tried, at(pool, 1));
    assert_null(algorithm_pick(service, &tried, NO_KEY));
    balance_tried_fini(&tried);
    endpoint_set_state(at(pool, 1), ENDPOINT_DRAINING);
    case_count(at(pool, 0), 0, 9);
    assert_ptr_equal(algorithm_pick(service, &none, NO_KEY), at(pool, 2));
    pool_unref(pool);
}

/* What one request looks at has a bound, and everybody is looked at in turn. */
static void test_no_more_is_looked_at_than_a_bound(void **state)
{
    (void)state;
    struct pool *pool = case_build(NULL, "least-requests", 100, ALL, NULL);
    for (unsigned i = 0; i < 100; i++)
        at(pool, i)->worker_count = 1; /* as if there were many: the first one tells */
    pool->services[0].candidates[0].endpoint->worker_count = LEAST_REQUESTS_LOOKS_MAX / 10;
    for (unsigned i = 1; i < 100; i++)
        case_count(at(pool, i), 0, 1); /* the first has none */
    unsigned counts[100] = {0};
    struct endpoint_local *locals = at(pool, 0)->locals;
    struct endpoint_local many[LEAST_REQUESTS_LOOKS_MAX / 10] = {{.inflight_count = 0}};
    at(pool, 0)->locals = many;
    for (unsigned i = 0; i < 100; i++)
        counts[case_index(algorithm_pick(&pool->services[0], &none, NO_KEY))]++;
    at(pool, 0)->locals = locals;
    assert_int_equal(counts[0], 10);
    for (unsigned i = 1; i < 91; i++)
        assert_int_equal(counts[i], 1);
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_counts_of_all_workers_decide),
        cmocka_unit_test(test_ties_go_round),
        cmocka_unit_test(test_weights_count),
        cmocka_unit_test(test_a_retry_goes_to_another_one_and_last_to_those_in_doubt),
        cmocka_unit_test(test_no_more_is_looked_at_than_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
