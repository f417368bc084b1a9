/* Orders about services: what is kept, what ends by itself, what is forgotten. */
#include "lb/follow/service_orders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/follow/orders.h"

static struct service_orders orders;

static int tear_down(void **state)
{
    (void)state;
    service_orders_fini(&orders);
    return 0;
}

static void test_a_share_and_a_pause_are_two_things(void **state)
{
    (void)state;
    service_orders_share(&orders, "a", 20);
    service_orders_pause(&orders, "a", 5000);
    service_orders_pause(&orders, "b", 7000);
    assert_int_equal(orders.count, 2);
    assert_int_equal(service_orders_share_of(&orders, "a"), 20);
    assert_int_equal(service_orders_share_of(&orders, "b"), POOL_WANTED_NO_SHARE);
    service_orders_pause(&orders, "a", 0);
    assert_int_equal(service_orders_paused_until(&orders, VIEW("a")), 0);
    assert_int_equal(service_orders_share_of(&orders, "a"), 20);
    service_orders_share(&orders, "a", POOL_WANTED_NO_SHARE);
    assert_int_equal(orders.count, 1);
    service_orders_share(&orders, "c", 0); /* none of them is an order, too */
    assert_int_equal(service_orders_share_of(&orders, "c"), 0);
}

static void test_pauses_end_by_themselves(void **state)
{
    (void)state;
    assert_int_equal(service_orders_next_ms(&orders), UINT64_MAX);
    service_orders_pause(&orders, "a", 5000);
    service_orders_pause(&orders, "b", 7000);
    assert_int_equal(service_orders_next_ms(&orders), 5000);
    assert_false(service_orders_expire(&orders, 4999));
    assert_true(service_orders_expire(&orders, 5000));
    assert_int_equal(service_orders_paused_until(&orders, VIEW("a")), 0);
    assert_int_equal(service_orders_next_ms(&orders), 7000);
    assert_true(service_orders_expire(&orders, 9000));
    assert_int_equal(orders.count, 0);
}

static void test_shares_of_services_that_are_gone_are_forgotten_but_no_pause(void **state)
{
    struct membership membership;
    (void)state;
    membership_init(&membership, "app");
    struct orders all = {0};
    service_orders_share(&all.services, "app", 10);
    service_orders_share(&all.services, "gone", 20);
    service_orders_pause(&all.services, "gone", 5000);
    assert_true(orders_forget_gone(&all, &membership));
    orders = all.services;
    assert_int_equal(service_orders_share_of(&orders, "app"), 10);
    assert_int_equal(service_orders_share_of(&orders, "gone"), POOL_WANTED_NO_SHARE);
    assert_int_equal(service_orders_paused_until(&orders, VIEW("gone")), 5000);
    assert_false(orders_forget_gone(&all, &membership));
    membership_fini(&membership);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_share_and_a_pause_are_two_things, tear_down),
        cmocka_unit_test_teardown(test_pauses_end_by_themselves, tear_down),
        cmocka_unit_test_teardown(test_shares_of_services_that_are_gone_are_forgotten_but_no_pause,
                                  tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
