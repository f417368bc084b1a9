/* What /metrics says of panic, of orders, and of who is left out. */
#include "lb/admin/standing_metrics.h"

#include "tests/unit/admin/site_case.h"

static struct text page;

static int open_page(void **state)
{
    page = (struct text)TEXT_INIT;
    return open_publisher(state);
}

static int close_page(void **state)
{
    text_fini(&page);
    return close_publisher(state);
}

static void write_page(void)
{
    struct prometheus_text writer = {.out = &page};
    text_clear(&page);
    standing_metrics_write(publisher.pool, &publisher.membership, &writer);
}

static bool has_sample(const char *sample)
{
    char line[300];
    snprintf(line, sizeof(line), "\n%s\n", sample);
    return strstr(text_str(&page), line) != NULL;
}

static void assert_sample(const char *sample)
{
    if (!has_sample(sample))
        fail_msg("\"%s\" is not in:\n%s", sample, text_str(&page));
}

static void test_before_anything_is_known(void **state)
{
    (void)state;
    write_page();
    assert_sample("lb_left_out_containers{reason=\"no_port\"} 0");
    assert_null(strstr(text_str(&page), "lb_service_panic{"));
}

static void test_who_is_left_out(void **state)
{
    (void)state;
    take_line(site_line);
    write_page();
    assert_sample("lb_left_out_containers{reason=\"no_port\"} 1");
    assert_sample("lb_left_out_containers{reason=\"no_shared_network\"} 1");
    assert_sample("lb_left_out_containers{reason=\"other_service\"} 1");
    assert_sample("lb_left_out_containers{reason=\"disabled\"} 0");
    assert_false(has_sample("lb_left_out_containers{reason=\"unknown\"} 0"));
}

static void test_panic(void **state)
{
    (void)state;
    take_line(site_line);
    write_page();
    assert_sample("lb_service_panic{service=\"app\"} 0");
    publisher.pool->services[0].is_panicking = true;
    write_page();
    assert_sample("lb_service_panic{service=\"app\"} 1");
}

#define ORDER(word)                                                                                \
    "lb_endpoint_ordered{service=\"app\",name=\"web1\",id=\"4f9cab\",order=\"" word "\"} 1"

static void test_orders(void **state)
{
    (void)state;
    take_line(site_line);
    write_page();
    assert_null(strstr(text_str(&page), "lb_endpoint_ordered{"));
    orders_set(&publisher.orders, "4f9cab", ENDPOINT_ORDER_DRAIN);
    publisher_publish(&publisher);
    write_page();
    assert_sample(ORDER("drain"));
    assert_false(has_sample(ORDER("weight")));
    orders_set(&publisher.orders, "4f9cab", ENDPOINT_ORDER_DISABLE);
    orders_set_weight(&publisher.orders, "4f9cab", 3);
    publisher_publish(&publisher);
    write_page();
    assert_sample(ORDER("disable"));
    assert_sample(ORDER("weight"));
    assert_false(has_sample(ORDER("drain")));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_page, close_page)
    const struct CMUnitTest tests[] = {
        TEST(test_before_anything_is_known),
        TEST(test_who_is_left_out),
        TEST(test_panic),
        TEST(test_orders),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
