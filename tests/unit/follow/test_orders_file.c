/* Orders that outlast lb: what is written is read again, and a bad file changes nothing. */
#include "lb/follow/orders_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void put(const char *path, const char *bytes)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(bytes, file);
    fclose(file);
}

static void test_what_is_written_is_read_again(void **state)
{
    char folder[] = "/tmp/lb-orders-XXXXXX", path[64], link[64];
    struct orders orders = {0}, again = {0};
    struct text problem = TEXT_INIT;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/state", folder);
    snprintf(link, sizeof(link), "%s/link", folder);
    assert_int_equal(symlink(path, link), 0);
    assert_true(orders_file_read(path, &again, &problem)); /* not there yet */
    assert_int_equal(again.count, 0);
    orders_set(&orders, "a", ENDPOINT_ORDER_DISABLE);
    orders_set_weight(&orders, "a", 256);
    assert_true(orders_file_write(link, &orders, &problem));
    assert_int_equal(unlink(link), 0); /* which it still is */
    assert_true(orders_file_read(path, &again, &problem));
    assert_int_equal(again.count, 1);
    assert_string_equal(again.orders[0].id, "a");
    assert_int_equal(again.orders[0].order, ENDPOINT_ORDER_DISABLE);
    assert_int_equal(again.orders[0].weight, 256);
    assert_string_equal(text_str(&problem), "");
    assert_false(orders_file_write(folder, &orders, &problem));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* and nothing is left beside */
    orders_fini(&orders);
    orders_fini(&again);
    text_fini(&problem);
}

/* As lb wrote it before an endpoint was one port of its container. */
static void test_a_file_of_containers_is_read(void **state)
{
    char path[] = "/tmp/lb-orders-XXXXXX";
    struct orders orders = {0};
    struct text problem = TEXT_INIT;
    struct pool_wanted_endpoint endpoints[] = {{.id = "4f9c:80", .container = "4f9c"},
                                               {.id = "4f9c:81", .container = "4f9c"}};
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = 2};
    (void)state;
    close(mkstemp(path));
    put(path, "{\"v\":1,\"orders\":[{\"id\":\"4f9c:81\",\"order\":\"disable\",\"weight\":0},"
              "{\"id\":\"4f9c\",\"order\":\"drain\",\"weight\":7}]}");
    assert_true(orders_file_read(path, &orders, &problem));
    orders_apply(&orders, &wanted);
    assert_int_equal(endpoints[0].order, ENDPOINT_ORDER_DRAIN);
    assert_int_equal(endpoints[0].ordered_weight, 7);
    assert_int_equal(endpoints[1].order, ENDPOINT_ORDER_DISABLE); /* what is behind it kept it */
    assert_int_equal(endpoints[1].ordered_weight, 7);
    unlink(path);
    orders_fini(&orders);
    text_fini(&problem);
}

static void test_a_bad_file_changes_nothing(void **state)
{
    static const char *const cases[][2] = {
        {"{", "line 1, column 1"},
        {"{\"v\":2,\"orders\":[]}", "it is no state of lb"},
        {"{\"v\":1}", "it is no state of lb"},
        {"{\"v\":1,\"orders\":[{\"id\":\"b\",\"order\":\"drain\"},{}]}", "orders[1]"},
        {"{\"v\":1,\"orders\":[{\"id\":\"\",\"order\":\"drain\"}]}", "orders[0]"},
        {"{\"v\":1,\"orders\":[{\"id\":\"b\",\"order\":\"stop\"}]}", "orders[0]"},
        {"{\"v\":1,\"orders\":[{\"id\":\"b\",\"order\":\"none\",\"weight\":257}]}", "orders[0]"},
        {"{\"v\":1,\"orders\":[{\"id\":\"b\",\"order\":\"none\",\"weight\":\"1\"}]}", "orders[0]"},
    };
    char path[] = "/tmp/lb-orders-XXXXXX";
    struct orders orders = {0};
    (void)state;
    close(mkstemp(path));
    orders_set(&orders, "a", ENDPOINT_ORDER_DRAIN);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text problem = TEXT_INIT;
        put(path, cases[i][0]);
        assert_false(orders_file_read(path, &orders, &problem));
        assert_non_null(strstr(text_str(&problem), cases[i][1]));
        assert_int_equal(orders.count, 1);
        assert_string_equal(orders.orders[0].id, "a");
        text_fini(&problem);
    }
    unlink(path);
    orders_fini(&orders);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_again),
        cmocka_unit_test(test_a_file_of_containers_is_read),
        cmocka_unit_test(test_a_bad_file_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
