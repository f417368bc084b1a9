/* The table of routes of a snapshot: the default route follows the setting and the endpoints. */
#include "lb/pool/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lb/pool/pool_build.h"

static struct pool *build(const struct pool *before, const char *routed, unsigned endpoint_count)
{
    struct pool_wanted_endpoint rows[] = {
        {.service = "a", .id = "1", .name = "x", .weight = 1, .cause = "list"},
        {.service = "b", .id = "2", .name = "y", .weight = 1, .cause = "list"},
    };
    struct pool_wanted wanted = {
        .endpoints = rows, .endpoint_count = endpoint_count, .routed = routed};
    return pool_build(before, &wanted, &(struct pool_rules){.worker_count = 1});
}

static void check_default(const char *routed, unsigned endpoint_count, const char *want)
{
    struct pool *pool = build(NULL, routed, endpoint_count);
    const struct pool_service *found = routes_find(&pool->routes);
    if (want)
        assert_string_equal(found->name, want);
    else
        assert_null(found);
    pool_unref(pool);
}

static void test_the_default_route(void **state)
{
    (void)state;
    check_default("a", 2, "a");
    check_default("b", 2, "b");
    check_default("b", 1, NULL); /* it has no endpoints */
    check_default("c", 2, NULL);
    check_default(NULL, 2, NULL);
}

static void test_it_is_of_its_own_snapshot(void **state)
{
    (void)state;
    struct pool *first = build(NULL, "a", 2), *second = build(first, "b", 2);
    assert_ptr_equal(routes_find(&first->routes), &first->services[0]);
    assert_ptr_equal(routes_find(&second->routes), &second->services[1]);
    pool_unref(first);
    pool_unref(second);
}

static struct service *service_after(struct pool **pool, const char *routed, unsigned count)
{
    struct pool *next = build(*pool, routed, count);
    pool_unref(*pool);
    *pool = next;
    return routes_service(&next->routes);
}

/* With and without endpoints, by this route and as what is listed only. */
static void test_where_it_leads_stays_the_same_service(void **state)
{
    struct pool *pool = NULL;
    (void)state;
    assert_null(service_after(&pool, NULL, 0));
    struct service *b = service_after(&pool, "b", 0);
    assert_string_equal(b->name, "b");
    assert_null(routes_find(&pool->routes));
    assert_ptr_equal(service_after(&pool, "b", 2), b);
    assert_ptr_equal(routes_find(&pool->routes)->kept, b);
    assert_ptr_equal(service_after(&pool, "b", 1), b);
    assert_ptr_equal(service_after(&pool, "b", 2), b);
    struct service *a = service_after(&pool, "a", 2);
    assert_ptr_not_equal(a, b);
    assert_ptr_equal(service_after(&pool, "b", 0), b);
    assert_int_equal(atomic_load(&b->ref_count), 1);
    pool_unref(pool);
}

/* Nobody remembers it. */
static void test_one_that_comes_back_is_another(void **state)
{
    struct pool *pool = NULL;
    (void)state;
    struct service *kept = service_ref(service_after(&pool, "b", 0));
    service_after(&pool, "a", 1);
    assert_ptr_not_equal(service_after(&pool, "b", 2), kept);
    service_unref(kept);
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_default_route),
        cmocka_unit_test(test_it_is_of_its_own_snapshot),
        cmocka_unit_test(test_where_it_leads_stays_the_same_service),
        cmocka_unit_test(test_one_that_comes_back_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
