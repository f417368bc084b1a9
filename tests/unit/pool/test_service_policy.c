/* A policy is one object for all that have the same, from snapshot to snapshot. */
#include "lb/pool/service_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lb/pool/pool_build.h"

static struct service_policy values;

static void no_change(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner, (void)endpoint, (void)before;
}

/* Two services of one endpoint each; "/" goes to a third, which has none. */
static struct pool *build(const struct pool *before)
{
    struct pool_wanted_endpoint rows[] = {
        {.service = "a", .id = "1", .name = "x", .weight = 1, .cause = "list"},
        {.service = "b", .id = "2", .name = "y", .weight = 1, .cause = "list"},
    };
    struct pool_wanted wanted = {.endpoints = rows, .endpoint_count = 2, .routed = "c"};
    struct pool *pool =
        pool_build(before, &wanted, &(struct pool_rules){.worker_count = 1, .policy = values});
    pool_build_settle(pool, before, no_change, NULL);
    return pool;
}

static int set_values(void **state)
{
    (void)state;
    values = (struct service_policy){.hold_ms = 7, .check.path = "/up"};
    return 0;
}

static void test_it_copies_its_values(void **state)
{
    (void)state;
    struct service_policy *policy = service_policy_new(&values);
    assert_true(service_policy_is(policy, &values));
    values.check.path[3] = 'x';
    assert_false(service_policy_is(policy, &values));
    assert_string_equal(policy->check.path, "/up");
    assert_int_equal(policy->hold_ms, 7);
    service_policy_unref(service_policy_ref(policy));
    assert_int_equal(policy->hold_ms, 7);
    service_policy_unref(policy);
    service_policy_unref(NULL);
}

static void test_all_of_a_snapshot_have_it(void **state)
{
    (void)state;
    struct pool *pool = build(NULL);
    assert_true(service_policy_is(pool->policy, &values));
    assert_ptr_equal(pool->routes.otherwise.policy, pool->policy);
    for (unsigned i = 0; i < pool->service_count; i++) {
        assert_ptr_equal(pool->services[i].policy, pool->policy);
        assert_ptr_equal(pool->services[i].endpoints[0]->policy, pool->policy);
    }
    pool_unref(pool);
}

static void test_it_stays_the_same_object_until_it_says_something_else(void **state)
{
    (void)state;
    struct pool *first = build(NULL), *second = build(first);
    struct service_policy *policy = first->policy;
    struct endpoint *endpoint = first->services[0].endpoints[0];
    assert_ptr_equal(second->policy, policy);
    pool_unref(first);
    values.slow_start_ms = 50;
    struct pool *third = build(second);
    assert_ptr_not_equal(third->policy, policy);
    assert_ptr_equal(second->policy, policy);
    assert_ptr_equal(third->services[0].endpoints[0], endpoint);
    assert_ptr_equal(endpoint->policy, third->policy);
    assert_int_equal(endpoint->slow_start_ms, 50);
    assert_int_equal(policy->hold_ms, 7); /* the second snapshot still has it */
    pool_unref(second);
    pool_unref(third);
}

/* A renamed one is a new object. */
static void test_a_successor_has_it_once(void **state)
{
    (void)state;
    struct pool *pool = build(NULL);
    struct endpoint *from = pool->services[0].endpoints[0];
    struct endpoint *heir = endpoint_new(&(struct endpoint_options){
        .id = "1", .name = "z", .service = "a", .weight = 1, .worker_count = 1});
    heir->policy = service_policy_ref(pool->policy);
    endpoint_inherit(heir, from);
    assert_ptr_equal(heir->policy, pool->policy);
    pool_unref(pool);
    assert_int_equal(heir->policy->hold_ms, 7);
    endpoint_unref(heir);
}

/* One by HTTP is for servers of HTTP, unless it has a port of its own. */
static void test_connections_and_datagrams_are_not_checked_by_http(void **state)
{
    (void)state;
    values.check.mode = CHECK_HTTP;
    struct service_policy of_kind = values;
    service_policy_of_kind(&of_kind, SERVICE_HTTP);
    assert_true(service_policy_is(&of_kind, &values));
    service_policy_of_kind(&of_kind, SERVICE_TCP);
    assert_string_equal(of_kind.check.path, "");
    assert_int_equal(of_kind.check.mode, CHECK_AUTO);
    assert_int_equal(of_kind.hold_ms, 7);
    of_kind = values;
    of_kind.check.port = 81;
    service_policy_of_kind(&of_kind, SERVICE_UDP);
    assert_string_equal(of_kind.check.path, "/up");
    assert_int_equal(of_kind.check.mode, CHECK_HTTP);
}

/* What is said of certificates and cannot be used is not as if nothing were said. */
static void test_what_cannot_be_used_trusts_nobody(void **state)
{
    static const struct {
        enum service_option_kind kind;
        const char *value;
        enum upstream_tls_verify verify;
    } rows[] = {
        {SERVICE_OPTION_BACKEND_VERIFY, "no", UPSTREAM_TLS_BELIEVES},
        {SERVICE_OPTION_BACKEND_VERIFY, "perhaps", UPSTREAM_TLS_REFUSES},
        {SERVICE_OPTION_BACKEND_CA, "ca.pem", UPSTREAM_TLS_UNSAID},
        {SERVICE_OPTION_BACKEND_CA, SERVICE_OPTION_UNUSABLE, UPSTREAM_TLS_REFUSES},
        {SERVICE_OPTION_BACKEND_NAME, "a.test", UPSTREAM_TLS_UNSAID},
        {SERVICE_OPTION_BACKEND_NAME, "*", UPSTREAM_TLS_REFUSES},
        {SERVICE_OPTION_BACKEND_CERTIFICATE, "../lb.pem", UPSTREAM_TLS_REFUSES},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct service_options options = {0};
        struct service_policy said = values;
        options.values[rows[i].kind] = view_str(rows[i].value);
        service_policy_set(&said, SERVICE_HTTP, &options);
        assert_int_equal(said.tls.verify, rows[i].verify);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_connections_and_datagrams_are_not_checked_by_http, set_values),
        cmocka_unit_test_setup(test_it_copies_its_values, set_values),
        cmocka_unit_test_setup(test_what_cannot_be_used_trusts_nobody, set_values),
        cmocka_unit_test_setup(test_all_of_a_snapshot_have_it, set_values),
        cmocka_unit_test_setup(test_it_stays_the_same_object_until_it_says_something_else,
                               set_values),
        cmocka_unit_test_setup(test_a_successor_has_it_once, set_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
