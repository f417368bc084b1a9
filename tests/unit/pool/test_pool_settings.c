/* What is said of endpoints: by their labels, else by the policy of their service. */
#include "lb/pool/pool_settings.h"

#include "tests/unit/pool/build_case.h"

static struct check check = {.mode = CHECK_TCP};
static const struct service_policy policy = {
    .slow_start_ms = 70, .max_inflight = 9, .closes_upstreams = true};

/* Of an endpoint that belongs to the snapshot. */
static struct endpoint *take(struct pool *pool, const struct pool_wanted_endpoint *wanted)
{
    struct endpoint *endpoint = find(pool, "a", "1");
    struct service_policy *taken = service_policy_new(&policy);
    pool_settings_take(endpoint, wanted, taken);
    assert_ptr_equal(endpoint->policy, taken);
    service_policy_unref(taken);
    return endpoint;
}

static struct pool *build_one(void)
{
    static const struct row rows[] = {{"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY}};
    return build(NULL, rows, 1, NULL);
}

static void test_who_says_nothing_has_what_its_service_says(void **state)
{
    struct pool *pool = build_one();
    struct endpoint *endpoint = take(pool, &(struct pool_wanted_endpoint){.weight = 1});
    (void)state;
    assert_int_equal(endpoint->slow_start_ms, 70);
    assert_int_equal(atomic_load(&endpoint->max_inflight), 9);
    assert_false(atomic_load(&endpoint->is_kept_alive));
    assert_int_equal(atomic_load(&endpoint->wait_ms[WAIT_RESPONSE]), WAITS_UNGIVEN);
    assert_null(endpoint->check);
    pool_unref(pool);
}

static void test_what_it_says_itself_counts_more(void **state)
{
    struct pool *pool = build_one();
    struct pool_wanted_endpoint wanted = {
        .has_slow_start = true,
        .capacity = {.has_max_inflight = true, .keepalive = CAPACITY_YES},
        .waits = {.is_given[WAIT_RESPONSE] = true,
                  .ms[WAIT_RESPONSE] = 5,
                  .aborts_on_close = WAITS_YES},
        .order = ENDPOINT_ORDER_DRAIN,
        .ordered_weight = 3};
    struct endpoint *endpoint = take(pool, &wanted);
    (void)state;
    assert_int_equal(endpoint->slow_start_ms, 0);
    assert_int_equal(atomic_load(&endpoint->max_inflight), 0);
    assert_true(atomic_load(&endpoint->is_kept_alive));
    assert_int_equal(atomic_load(&endpoint->wait_ms[WAIT_RESPONSE]), 5);
    assert_int_equal(atomic_load(&endpoint->aborts_on_close), WAITS_YES);
    assert_int_equal(endpoint->order, ENDPOINT_ORDER_DRAIN);
    assert_int_equal(endpoint->ordered_weight, 3);
    pool_unref(pool);
}

static void test_its_check_is_a_copy_and_goes_again(void **state)
{
    struct pool *pool = build_one();
    struct endpoint *endpoint = take(pool, &(struct pool_wanted_endpoint){.check = &check});
    (void)state;
    assert_ptr_not_equal(endpoint->check, &check);
    assert_int_equal(endpoint->check->mode, CHECK_TCP);
    take(pool, &(struct pool_wanted_endpoint){.weight = 1});
    assert_null(endpoint->check);
    pool_unref(pool);
}

/* Who was believed to be there by other words is contacted anew; other words that are no such thing change nothing. */
static void test_who_is_trusted_otherwise_is_contacted_anew(void **state)
{
    struct pool_wanted_endpoint by_https = {.weight = 1, .protocol = PROTOCOL_HTTPS};
    struct service_policy values = policy;
    struct pool *pool = build_one();
    struct endpoint *endpoint = take(pool, &by_https);
    (void)state;
    assert_true(endpoint->is_by_tls);
    endpoint->is_admitted = true;
    values.max_inflight = 3;
    struct service_policy *other = service_policy_new(&values);
    pool_settings_take(endpoint, &by_https, other);
    assert_true(endpoint->is_admitted);
    service_policy_unref(other);
    assert_true(upstream_tls_set_name(&values.tls, VIEW("a.test")));
    other = service_policy_new(&values);
    pool_settings_take(endpoint, &by_https, other);
    assert_false(endpoint->is_admitted);
    service_policy_unref(other);
    by_https.kind = SERVICE_TCP;
    take(pool, &by_https);
    assert_false(endpoint->is_by_tls);
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_who_says_nothing_has_what_its_service_says, tear_down),
        cmocka_unit_test_teardown(test_what_it_says_itself_counts_more, tear_down),
        cmocka_unit_test_teardown(test_its_check_is_a_copy_and_goes_again, tear_down),
        cmocka_unit_test_teardown(test_who_is_trusted_otherwise_is_contacted_anew, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
