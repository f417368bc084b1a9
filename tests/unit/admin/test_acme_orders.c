/* What lb-acme tells of its orders: read where it fits, and nothing of it trusted. */
#include "lb/admin/acme_orders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct acme_orders orders;

static void parse(const char *json)
{
    acme_orders_fini(&orders);
    acme_orders_parse(&orders, view_str(json));
}

static void test_orders(void **state)
{
    (void)state;
    parse("{\"version\":1,\"certificates\":[{\"names\":[\"a.test\",\"*.b.test\"],\"state\":"
          "\"failed\","
          "\"not_after_s\":0,\"next_s\":1800000000,\"problem\":\"no answer\\u001b[1m\"},"
          "{\"names\":[\"c.test\"],\"state\":\"valid\",\"not_after_s\":1900000000}]}");
    assert_int_equal(orders.count, 2);
    assert_true(view_eq(orders.orders[0].state, VIEW("failed")));
    assert_int_equal(orders.orders[0].next_s, 1800000000);
    assert_true(view_eq(orders.orders[0].problem, VIEW("no answer\\x1b[1m")));
    assert_ptr_equal(acme_orders_find(&orders, VIEW("x.b.test")), &orders.orders[0]);
    assert_ptr_equal(acme_orders_find(&orders, VIEW("c.test")), &orders.orders[1]);
    assert_null(acme_orders_find(&orders, VIEW("b.test")));
    assert_null(acme_orders_find(&orders, VIEW("")));
}

static void test_what_does_not_fit(void **state)
{
    static const char *const odd[] = {
        "",
        "{",
        "[]",
        "{\"certificates\":{}}",
        "{\"certificates\":[1,null,{},{\"names\":[]},{\"names\":\"a.test\"}]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        parse(odd[i]);
        assert_int_equal(orders.count, 0);
    }
    parse(
        "{\"certificates\":[{\"names\":[1,\"a.test\"],\"state\":7,\"next_s\":-5,\"problem\":{}}]}");
    assert_int_equal(orders.count, 1);
    assert_true(view_eq(orders.orders[0].state, VIEW("unknown")));
    assert_int_equal(orders.orders[0].next_s, 0);
    assert_int_equal(orders.orders[0].problem.len, 0);
    acme_orders_fini(&orders);
    acme_orders_read(&orders, -1);
    assert_int_equal(orders.count, 0);
}

static void test_too_many(void **state)
{
    struct text json = TEXT_INIT;
    (void)state;
    text_append_str(&json, "{\"certificates\":[");
    for (unsigned i = 0; i < ACME_ORDERS_MAX + 10; i++)
        text_appendf(&json, "%s{\"names\":[\"n%u.test\"]}", i > 0 ? "," : "", i);
    text_append_str(&json, "]}");
    parse(text_str(&json));
    assert_int_equal(orders.count, ACME_ORDERS_MAX);
    acme_orders_fini(&orders);
    text_fini(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
