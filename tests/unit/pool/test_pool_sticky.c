/* Cookies of sticky services: what they say follows from key, service and endpoint, and from nothing
 * else. */
#include "lb/pool/pool_sticky.h"

#include "tests/unit/pool/build_case.h"

static struct pool *make(const struct pool *before, const char *balance, const char *sticky,
                         unsigned count)
{
    static const char *const ids[] = {"1", "2", "3"};
    struct pool_wanted_endpoint endpoints[3];
    struct pool_wanted_service said = {.name = "app"};
    for (unsigned i = 0; i < count; i++)
        endpoints[i] = (struct pool_wanted_endpoint){
            .service = "app", .id = ids[i], .name = "x", .weight = 1, .cause = "list"};
    said.options.values[SERVICE_OPTION_BALANCE] = view_str(balance);
    said.options.values[SERVICE_OPTION_STICKY] = view_str(sticky);
    struct pool_wanted wanted = {
        .endpoints = endpoints, .endpoint_count = count, .services = &said, .service_count = 1};
    return build_wanted(before, &wanted);
}

static void value_of(const struct pool *pool, unsigned index, char value[POOL_STICKY_VALUE_BYTES])
{
    const struct pool_service *service = &pool->services[0];
    pool_sticky_value(service->policy, service->name, service->endpoints[index], value);
}

static void test_a_value_leads_to_its_endpoint(void **state)
{
    char value[POOL_STICKY_VALUE_BYTES];
    (void)state;
    struct pool *pool = make(NULL, "sticky", "", 3);
    const struct pool_sticky *sticky = pool->services[0].sticky;
    for (unsigned i = 0; i < 3; i++) {
        value_of(pool, i, value);
        assert_ptr_equal(pool_sticky_find(sticky, view_of(value, sizeof(value))),
                         pool->services[0].endpoints[i]);
        assert_null(pool_sticky_find(sticky, view_of(value, sizeof(value) - 1)));
        value[i] ^= 1;
        assert_null(pool_sticky_find(sticky, view_of(value, sizeof(value))));
    }
    assert_null(pool_sticky_find(sticky, view_of(NULL, 0)));
    assert_null(pool_sticky_find(sticky, VIEW("00000000000000000000000000000000")));
    pool_unref(pool);
}

/* Also by another snapshot, with other endpoints, attributes and another way to balance. */
static void test_it_stays_whatever_else_changes(void **state)
{
    char before[POOL_STICKY_VALUE_BYTES], after[POOL_STICKY_VALUE_BYTES];
    char name[STICKY_RULE_NAME_BYTES];
    (void)state;
    struct pool *first = make(NULL, "sticky", "", 3);
    value_of(first, 1, before);
    snprintf(name, sizeof(name), "%s", first->services[0].sticky->name);
    assert_int_equal(strlen(name), strlen("lb_") + 8);
    struct pool *second = make(NULL, "sticky hash path", "samesite=strict", 2);
    value_of(second, 1, after);
    assert_memory_equal(before, after, sizeof(before));
    assert_string_equal(second->services[0].sticky->name, name);
    pool_unref(first);
    pool_unref(second);
}

static void test_another_key_or_service_makes_another_value(void **state)
{
    char value[POOL_STICKY_VALUE_BYTES], other[POOL_STICKY_VALUE_BYTES];
    (void)state;
    struct pool *pool = make(NULL, "sticky", "name=seat", 1);
    const struct pool_service *service = &pool->services[0];
    assert_string_equal(service->sticky->name, "seat");
    value_of(pool, 0, value);
    pool_sticky_value(service->policy, "ap", service->endpoints[0], other);
    assert_memory_not_equal(value, other, sizeof(value));
    struct service_policy policy = *service->policy;
    policy.sticky_key[15] ^= 1;
    pool_sticky_value(&policy, "app", service->endpoints[0], other);
    assert_memory_not_equal(value, other, sizeof(value));
    pool_unref(pool);
}

static void test_others_have_none(void **state)
{
    (void)state;
    struct pool *pool = make(NULL, "hash path", "name=seat", 1);
    assert_null(pool->services[0].sticky);
    assert_int_equal(pool->services[0].turn_count, 0);
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_value_leads_to_its_endpoint, tear_down),
        cmocka_unit_test_teardown(test_it_stays_whatever_else_changes, tear_down),
        cmocka_unit_test_teardown(test_another_key_or_service_makes_another_value, tear_down),
        cmocka_unit_test_teardown(test_others_have_none, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
