/* A service that says something has a policy of its own, with endpoints and without; equal ones are
 * one object, and stay it from snapshot to snapshot. */
#include "lb/pool/pool_policies.h"

#include "tests/unit/pool/build_case.h"

#include "lb/pool/pool_build.h"

#define LEAST                                                                                      \
    {                                                                                              \
        .options.values[SERVICE_OPTION_BALANCE] = VIEW("least-requests")                           \
    }
#define HASHED                                                                                     \
    {                                                                                              \
        .options.values[SERVICE_OPTION_BALANCE] = VIEW("hash path")                                \
    }
#define WRONG                                                                                      \
    {                                                                                              \
        .options.values[SERVICE_OPTION_BALANCE] = VIEW("by chance")                                \
    }

/* Services a, b, c of one endpoint each, which may be one and the same; others go to "d". */
static struct pool *make(const struct pool *before, const struct pool_wanted_service *said,
                         unsigned count, bool is_shared)
{
    struct pool_wanted_service services[4];
    struct pool_wanted_endpoint endpoints[3];
    static const char *const names[] = {"a", "b", "c"};
    for (unsigned i = 0; i < 3; i++)
        endpoints[i] = (struct pool_wanted_endpoint){.service = names[i],
                                                     .id = is_shared ? "x" : names[i],
                                                     .name = "x",
                                                     .is_shared = is_shared,
                                                     .weight = 1,
                                                     .cause = "list"};
    for (unsigned i = 0; i < count; i++)
        services[i] = said[i];
    struct pool_wanted wanted = {.endpoints = endpoints,
                                 .endpoint_count = 3,
                                 .services = services,
                                 .service_count = count,
                                 .routed = "d"};
    return build_wanted(before, &wanted);
}

static struct pool_wanted_service named(struct pool_wanted_service said, const char *name)
{
    said.name = name;
    return said;
}

static enum balance_algorithm algorithm_of(const struct pool *pool, unsigned index)
{
    return pool->services[index].policy->balance.algorithm;
}

static void test_a_service_that_says_something_has_its_own(void **state)
{
    (void)state;
    struct pool_wanted_service said[] = {named((struct pool_wanted_service)HASHED, "d"),
                                         named((struct pool_wanted_service)LEAST, "b"),
                                         named((struct pool_wanted_service)WRONG, "c")};
    struct pool *pool = make(NULL, said, 3, false);
    assert_ptr_equal(pool->services[0].policy, pool->policy);
    assert_int_equal(algorithm_of(pool, 1), BALANCE_LEAST_REQUESTS);
    assert_ptr_equal(pool->services[1].endpoints[0]->policy, pool->services[1].policy);
    assert_int_equal(pool->services[1].policy->hold_ms, pool->policy->hold_ms);
    assert_ptr_equal(pool->services[2].policy, pool->policy); /* nothing of it can be used */
    assert_null(pool->routes.otherwise.listed);
    assert_int_equal(pool->routes.otherwise.policy->balance.algorithm, BALANCE_HASH_PATH);
    pool_unref(pool);
}

static void test_equal_ones_are_one_object_for_as_long_as_they_say_the_same(void **state)
{
    (void)state;
    struct pool_wanted_service said[] = {named((struct pool_wanted_service)LEAST, "a"),
                                         named((struct pool_wanted_service)LEAST, "d"),
                                         named((struct pool_wanted_service)HASHED, "c")};
    struct pool *first = make(NULL, said, 3, false);
    assert_ptr_equal(first->services[0].policy, first->routes.otherwise.policy);
    assert_ptr_not_equal(first->services[0].policy, first->services[2].policy);
    struct pool *second = make(first, said, 3, false);
    for (unsigned i = 0; i < 3; i++)
        assert_ptr_equal(second->services[i].policy, first->services[i].policy);
    assert_ptr_equal(second->routes.otherwise.policy, first->routes.otherwise.policy);
    pool_unref(first);
    struct pool *third = make(second, said + 1, 2, false); /* "a" says nothing any more */
    assert_ptr_equal(third->services[0].policy, third->policy);
    assert_ptr_equal(third->routes.otherwise.policy, second->routes.otherwise.policy);
    pool_unref(second);
    assert_int_equal(third->routes.otherwise.policy->balance.algorithm, BALANCE_LEAST_REQUESTS);
    pool_unref(third);
}

static void test_one_of_several_services_has_the_policy_of_its_first(void **state)
{
    (void)state;
    struct pool_wanted_service said[] = {named((struct pool_wanted_service)LEAST, "a"),
                                         named((struct pool_wanted_service)HASHED, "b")};
    struct pool *pool = make(NULL, said, 2, true);
    struct endpoint *endpoint = pool->services[0].endpoints[0];
    assert_ptr_equal(pool->services[2].endpoints[0], endpoint);
    assert_ptr_equal(endpoint->policy, pool->services[0].policy);
    pool_unref(pool);
}

/* More than fit at first, and all different. */
static void test_many(void **state)
{
    (void)state;
    char names[40][8], texts[40][32];
    struct pool_wanted_service services[40];
    for (unsigned i = 0; i < 40; i++) {
        snprintf(names[i], sizeof(names[i]), "s%02u", i * 7 % 40);
        snprintf(texts[i], sizeof(texts[i]), "hash header X-%u", i);
        services[i] = (struct pool_wanted_service){
            .name = names[i], .options.values[SERVICE_OPTION_BALANCE] = view_str(texts[i])};
    }
    struct service_policy *base = service_policy_new(&rules.policy);
    struct pool_wanted wanted = {.services = services, .service_count = 40};
    struct pool_policies policies;
    pool_policies_begin(&policies, NULL, &wanted, base);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 40; i++) {
            struct service_policy *policy =
                pool_policies_take(&policies, view_str(names[i]), SERVICE_HTTP);
            assert_string_equal(policy->balance.name, texts[i] + strlen("hash header "));
            if (round == 0)
                service_policy_ref(policy); /* it is only borrowed there */
            service_policy_unref(policy);
        }
        assert_int_equal(policies.own_count, 40);
    }
    for (unsigned i = 0; i < 40; i++)
        service_policy_unref(policies.own[i]);
    pool_policies_fini(&policies);
    service_policy_unref(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_service_that_says_something_has_its_own, tear_down),
        cmocka_unit_test_teardown(test_equal_ones_are_one_object_for_as_long_as_they_say_the_same,
                                  tear_down),
        cmocka_unit_test_teardown(test_one_of_several_services_has_the_policy_of_its_first,
                                  tear_down),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
