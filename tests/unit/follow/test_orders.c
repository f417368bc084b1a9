/* What an operator orders of containers and of single ports of them. */
#include "lb/follow/orders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct orders orders;
static struct pool_wanted_endpoint endpoints[3];

static int set_up(void **state)
{
    static const char *const ids[][2] = {{"a:80", "a"}, {"a:81", "a"}, {"b", NULL}};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        endpoints[i] = (struct pool_wanted_endpoint){.id = ids[i][0], .container = ids[i][1]};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    orders_fini(&orders);
    return 0;
}

/* A letter for the order of each endpoint: "-", "d" for drain, "x" for disable. */
static void check_orders(const char *want)
{
    char got[4] = "";
    orders_apply(&orders, &(struct pool_wanted){.endpoints = endpoints, .endpoint_count = 3});
    for (size_t i = 0; i < 3; i++)
        got[i] = "-dx"[endpoints[i].order];
    assert_string_equal(got, want);
}

static void check_weights(unsigned first, unsigned second, unsigned third)
{
    orders_apply(&orders, &(struct pool_wanted){.endpoints = endpoints, .endpoint_count = 3});
    assert_int_equal(endpoints[0].ordered_weight, first);
    assert_int_equal(endpoints[1].ordered_weight, second);
    assert_int_equal(endpoints[2].ordered_weight, third);
}

static void test_of_one_port(void **state)
{
    (void)state;
    orders_set(&orders, "a:80", ENDPOINT_ORDER_DRAIN);
    check_orders("d--");
    orders_set(&orders, "b", ENDPOINT_ORDER_DISABLE);
    check_orders("d-x");
    orders_set(&orders, "a:80", ENDPOINT_ORDER_NONE);
    check_orders("--x");
    assert_int_equal(orders.count, 1);
}

static void test_of_a_container(void **state)
{
    (void)state;
    orders_set_of_container(&orders, "a", ENDPOINT_ORDER_DRAIN);
    check_orders("dd-");
    assert_int_equal(orders_of_container(&orders, "a"), ENDPOINT_ORDER_DRAIN);
    assert_int_equal(orders_of_container(&orders, "b"), ENDPOINT_ORDER_NONE);
    orders_set(&orders, "a:81", ENDPOINT_ORDER_DISABLE); /* outranks it */
    check_orders("dx-");
    orders_set(&orders, "a:81", ENDPOINT_ORDER_NONE);
    check_orders("dd-");
}

static void test_of_a_container_replaces_those_of_its_ports(void **state)
{
    (void)state;
    orders_set(&orders, "a:80", ENDPOINT_ORDER_DISABLE);
    orders_set_weight(&orders, "a:81", 5);
    orders_set(&orders, "b", ENDPOINT_ORDER_DISABLE);
    orders_set_of_container(&orders, "a", ENDPOINT_ORDER_DRAIN);
    check_orders("ddx");
    check_weights(0, 5, 0);
    orders_set_of_container(&orders, "a", ENDPOINT_ORDER_NONE);
    check_orders("--x");
    orders_set_weight_of_container(&orders, "a", 7);
    check_weights(7, 7, 0);
    orders_set_weight_of_container(&orders, "a", 0);
    check_weights(0, 0, 0);
    assert_int_equal(orders.count, 1);
}

/* Ids of files are free words. */
static void test_an_id_that_begins_like_another_is_no_container(void **state)
{
    (void)state;
    orders_set(&orders, "web:1", ENDPOINT_ORDER_DRAIN);
    orders_set_weight(&orders, "web:1", 5);
    orders_set(&orders, "web", ENDPOINT_ORDER_DISABLE);
    orders_set_weight(&orders, "web", 3);
    assert_int_equal(orders.count, 2);
    assert_int_equal(orders.orders[0].order, ENDPOINT_ORDER_DRAIN);
    assert_int_equal(orders.orders[0].weight, 5);
}

static void test_weights_and_orders_do_not_touch_each_other(void **state)
{
    (void)state;
    orders_set_weight_of_container(&orders, "a", 7);
    orders_set_weight(&orders, "a:80", 3);
    orders_set_of_container(&orders, "a", ENDPOINT_ORDER_DRAIN);
    check_weights(3, 7, 0);
    orders_set_weight_of_container(&orders, "a", 0);
    check_orders("dd-");
    check_weights(0, 0, 0);
}

static void test_what_was_kept_is_added_one_by_one(void **state)
{
    (void)state;
    orders_add(&orders, "a:80", ENDPOINT_ORDER_DISABLE, 9);
    orders_add(&orders, "a", ENDPOINT_ORDER_DRAIN, 2);
    check_orders("xd-");
    check_weights(9, 2, 0);
}

static void test_what_is_gone_is_forgotten(void **state)
{
    struct membership membership;
    struct text problem = TEXT_INIT;
    (void)state;
    membership_init(&membership, "app");
    orders_set(&orders, "gone", ENDPOINT_ORDER_DRAIN);
    orders_set(&orders, "a:80", ENDPOINT_ORDER_DRAIN);
    orders_set_weight(&orders, "b", 3);
    assert_int_equal(
        membership_read_line(&membership,
                             VIEW("{\"v\":2,\"services\":[],\"left_out\":[{\"id\":\"a\"},"
                                  "{\"id\":\"b:1\",\"container\":\"b\"}]}"),
                             &problem),
        MEMBERSHIP_CHANGED);
    assert_true(orders_forget_gone(&orders, &membership));
    assert_false(orders_forget_gone(&orders, &membership));
    assert_int_equal(orders.count, 2);
    check_orders("d--"); /* it is back */
    check_weights(0, 0, 3);
    membership_fini(&membership);
    text_fini(&problem);
}

static void read_line(struct membership *membership, const char *line)
{
    struct text problem = TEXT_INIT;
    if (membership_read_line(membership, view_str(line), &problem) != MEMBERSHIP_CHANGED)
        fail_msg("%s", text_str(&problem));
    text_fini(&problem);
}

/* A container that starts again, or a list that was short once. */
static void test_an_order_of_a_port_outlasts_a_line_without_the_port(void **state)
{
#define PORT(port)                                                                                 \
    "{\"id\":\"a:" port "\",\"container\":\"a\",\"name\":\"a\",\"address\":\"10.0.0.1\","          \
    "\"port\":" port ",\"state\":\"ready\"}"
#define LINE(endpoints, left_out)                                                                  \
    "{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":[" endpoints                           \
    "]}],\"left_out\":[" left_out "]}"
    static const char *const rows[] = {
        LINE(PORT("81"), ""),
        LINE("", "{\"id\":\"a\",\"reason\":\"not_running\"}"),
        LINE("", "{\"id\":\"a:81\",\"container\":\"a\",\"reason\":\"no_address\"}"),
    };
    struct membership membership;
    (void)state;
    membership_init(&membership, "app");
    orders_set(&orders, "a:80", ENDPOINT_ORDER_DRAIN);
    orders_set_weight(&orders, "a:80", 3);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_line(&membership, LINE(PORT("80") "," PORT("81"), ""));
        assert_false(orders_forget_gone(&orders, &membership));
        read_line(&membership, rows[i]);
        if (orders_forget_gone(&orders, &membership))
            fail_msg("forgotten by row %zu", i);
        check_orders("d--");
        check_weights(3, 0, 0);
    }
    read_line(&membership, LINE("", ""));
    assert_true(orders_forget_gone(&orders, &membership));
    assert_int_equal(orders.count, 0);
    membership_fini(&membership);
#undef LINE
#undef PORT
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_of_one_port),
        TEST(test_of_a_container),
        TEST(test_of_a_container_replaces_those_of_its_ports),
        TEST(test_an_id_that_begins_like_another_is_no_container),
        TEST(test_weights_and_orders_do_not_touch_each_other),
        TEST(test_what_was_kept_is_added_one_by_one),
        TEST(test_what_is_gone_is_forgotten),
        TEST(test_an_order_of_a_port_outlasts_a_line_without_the_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
