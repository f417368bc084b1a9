/* Services by number: shared by tables in a row that lead to the same ones. */
#include "lb/route/route_services.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define NONE ROUTE_SERVICES_NONE

static const struct rule a = {.route.service = {.ptr = "a", .len = 1}};
static const struct rule b = {.route.service = {.ptr = "b", .len = 1}};
static const struct rule c = {.route.service = {.ptr = "c", .len = 1}};

/* What is right whether they are shared or not: each rule has the number of its service. */
static struct route_services *next(const struct rule *const *rules, uint32_t *numbers,
                                   uint32_t count, struct route_services *before)
{
    struct route_services *services = route_services_new(rules, numbers, count, before);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(view_eq(services->names[numbers[i]], rules[i]->route.service));
        assert_int_equal(name_map_find(&services->map, rules[i]->route.service), numbers[i]);
    }
    return services;
}

static void test_the_same_ones_are_shared(void **state)
{
    const struct rule *const first[] = {&a, &b, &a}, *const second[] = {&b, &b, &a, &b};
    uint32_t numbers[] = {NONE, NONE, NONE}, again[] = {1, NONE, 0, NONE};
    (void)state;
    struct route_services *services = next(first, numbers, 3, NULL);
    assert_int_equal(services->count, 2);
    struct route_services *same = next(second, again, 4, services);
    assert_ptr_equal(same, services);
    route_services_unref(services);
    assert_true(view_eq(same->names[again[0]], b.route.service));
    route_services_unref(same);
    route_services_unref(NULL);
}

static void test_others_are_not(void **state)
{
    const struct rule *const first[] = {&a, &b}, *const more[] = {&a, &b, &c}, *const less[] = {&b};
    uint32_t numbers[] = {NONE, NONE}, of_more[] = {0, 1, NONE}, of_less[] = {1};
    (void)state;
    struct route_services *services = next(first, numbers, 2, NULL);
    struct route_services *grown = next(more, of_more, 3, services);
    assert_int_equal(grown->count, 3);
    struct route_services *shrunk = next(less, of_less, 1, services);
    assert_int_equal(shrunk->count, 1);
    assert_int_equal(name_map_find(&shrunk->map, a.route.service), NONE);
    route_services_unref(services);
    route_services_unref(grown);
    route_services_unref(shrunk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_ones_are_shared),
        cmocka_unit_test(test_others_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
