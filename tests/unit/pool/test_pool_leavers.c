/* A server with a limit that leaves the line and comes back while its requests still run. */
#include "tests/unit/pool/build_case.h"

static const struct row row = {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY};

static int set_up(void **state)
{
    (void)state;
    rules.policy.max_inflight = 2;
    return 0;
}

/* A snapshot without it, after one with it and so many requests. It is handed out with a reference. */
static struct pool *leave(struct pool *pool, unsigned request_count, struct endpoint **left)
{
    pool = build(pool, &row, 1, NULL);
    *left = endpoint_ref(find(pool, "a", "1"));
    atomic_fetch_add(endpoint_admitted_count(*left), request_count);
    return build(pool, NULL, 0, NULL);
}

static unsigned taken_of(const struct pool *pool)
{
    return atomic_load(endpoint_admitted_count(find(pool, "a", "1")));
}

static void test_its_places_are_still_taken(void **state)
{
    struct endpoint *left;
    struct pool *pool = leave(NULL, 2, &left);
    (void)state;
    assert_true(atomic_load(&left->has_kin)); /* its places are offered to all that wait */
    pool = build(pool, NULL, 0, "");
    pool = build(pool, &row, 1, "a/1 gone>probing\n"); /* otherwise it is new */
    assert_ptr_not_equal(find(pool, "a", "1"), left);
    assert_int_equal(taken_of(pool), 2);
    atomic_fetch_sub(endpoint_admitted_count(left), 1); /* one of the old requests ends */
    assert_int_equal(taken_of(pool), 1);
    endpoint_unref(left);
    assert_int_equal(taken_of(pool), 1);
    pool_unref(pool);
}

/* The workers that still go by the old snapshot may take a place as it leaves. */
static void test_a_place_taken_as_it_leaves_counts(void **state)
{
    struct endpoint *left;
    struct pool *pool = leave(NULL, 0, &left);
    (void)state;
    atomic_fetch_add(endpoint_admitted_count(left), 1);
    pool = build(pool, &row, 1, NULL);
    assert_int_equal(taken_of(pool), 1);
    endpoint_unref(left);
    pool_unref(pool);
}

static void test_it_is_forgotten_when_its_requests_have_ended(void **state)
{
    struct endpoint *left;
    struct pool *pool = leave(NULL, 1, &left);
    (void)state;
    assert_int_equal(pool->leavers.count, 1);
    atomic_store(endpoint_admitted_count(left), 0);
    pool = build(pool, NULL, 0, "");
    assert_int_equal(pool->leavers.count, 0);
    assert_int_equal(left->ref_count, 1);
    endpoint_unref(left);
    pool_unref(pool);
}

static void test_again_and_again(void **state)
{
    struct pool *pool = NULL;
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct endpoint *left;
        pool = leave(pool, 1, &left);
        endpoint_unref(left);
        assert_int_equal(pool->leavers.count, 1);
    }
    pool = build(pool, &row, 1, NULL);
    assert_int_equal(taken_of(pool), 5);
    pool_unref(pool);
}

static void test_another_server(void **state)
{
    static const struct row others[] = {{"a", "1", "x", "10.0.0.1:81", 1, ENDPOINT_READY},
                                        {"a", "2", "x", "10.0.0.1:80", 1, ENDPOINT_READY}};
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(others); i++) {
        struct endpoint *left;
        struct pool *pool = leave(NULL, 2, &left);
        pool = build(pool, &others[i], 1, NULL);
        assert_int_equal(atomic_load(endpoint_admitted_count(pool->services[0].endpoints[0])), 0);
        endpoint_unref(left);
        pool_unref(pool);
    }
}

static void test_without_a_limit_nobody_is_remembered(void **state)
{
    struct endpoint *left;
    (void)state;
    rules.policy.max_inflight = 0;
    struct pool *pool = leave(NULL, 0, &left);
    assert_int_equal(pool->leavers.count, 0);
    endpoint_unref(left);
    pool_unref(pool);
}

static void test_many(void **state)
{
    static struct row rows[POOL_LEAVERS_MAX + 1];
    static char ids[POOL_LEAVERS_MAX + 1][8];
    (void)state;
    for (unsigned i = 0; i <= POOL_LEAVERS_MAX; i++) {
        snprintf(ids[i], sizeof(ids[i]), "%u", i);
        rows[i] = row;
        rows[i].id = ids[i];
    }
    struct pool *pool = build(NULL, rows, COUNT_OF(rows), NULL);
    pool = build(pool, NULL, 0, NULL);
    assert_int_equal(pool->leavers.count, POOL_LEAVERS_MAX);
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_its_places_are_still_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_place_taken_as_it_leaves_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_it_is_forgotten_when_its_requests_have_ended, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_again_and_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_server, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_a_limit_nobody_is_remembered, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
