/* A service outlives the snapshots that list it, and goes with the last of them. */
#include "lb/pool/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lb/pool/pool_build.h"

static const struct pool_rules rules = {.worker_count = 2};

static void no_change(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner, (void)endpoint, (void)before;
}

/* A snapshot of one endpoint of the service "a", or of "b", which "/" goes to. */
static struct pool *build(const struct pool *before, const char *service)
{
    struct pool_wanted_endpoint row = {.service = service,
                                       .id = "1",
                                       .name = "x",
                                       .weight = 1,
                                       .state = ENDPOINT_READY,
                                       .cause = "list"};
    struct pool_wanted wanted = {
        .endpoints = &row, .endpoint_count = 1, .routed = service, .is_trusted = true};
    struct pool *pool = pool_build(before, &wanted, &rules);
    pool_build_settle(pool, before, no_change, NULL);
    return pool;
}

static void test_it_copies_its_name(void **state)
{
    char name[] = "shop";
    (void)state;
    struct service *service = service_new(name);
    name[0] = 'x';
    assert_string_equal(service->name, "shop");
    assert_int_equal(atomic_load(&service->next_turn), 0);
    assert_int_equal((uintptr_t)&service->next_turn % 64, 0);
    service_unref(service);
}

static void test_it_is_the_same_in_the_next_snapshot(void **state)
{
    (void)state;
    struct pool *first = build(NULL, "a");
    struct service *kept = routes_find(&first->routes)->kept;
    atomic_store(&kept->next_turn, 77);
    struct pool *second = build(first, "a");
    assert_ptr_equal(routes_find(&second->routes)->kept, kept);
    assert_int_equal(atomic_load(&kept->ref_count), 2);
    pool_unref(first);
    assert_int_equal(atomic_load(&kept->ref_count), 1);
    assert_string_equal(kept->name, "a");
    assert_int_equal(atomic_load(&kept->next_turn), 77);
    pool_unref(second);
}

static void test_a_reference_keeps_it(void **state)
{
    (void)state;
    struct pool *first = build(NULL, "a");
    struct service *kept = service_ref(routes_find(&first->routes)->kept);
    struct pool *second = build(first, "b");
    pool_unref(first);
    assert_string_equal(kept->name, "a");
    assert_ptr_not_equal(routes_find(&second->routes)->kept, kept);
    service_unref(kept);
    pool_unref(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_copies_its_name),
        cmocka_unit_test(test_it_is_the_same_in_the_next_snapshot),
        cmocka_unit_test(test_a_reference_keeps_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
