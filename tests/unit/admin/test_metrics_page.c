/* /metrics: every counter under its name, each family once, and what comes only where it is known.
 */
#include "lb/admin/metrics_page.h"

#include "tests/unit/admin/site_case.h"

static struct metrics totals;
static struct text page;
static struct metrics_page options;

static int open_page(void **state)
{
    page = (struct text)TEXT_INIT;
    totals = (struct metrics){0};
    options = (struct metrics_page){
        .totals = &totals, .services = {.routed = "app"}, .publisher = &publisher};
    return open_publisher(state);
}

static int close_page(void **state)
{
    text_fini(&page);
    return close_publisher(state);
}

static void write_page(void)
{
    text_clear(&page);
    metrics_page_write(&options, &page);
}

static bool has_line(const char *line)
{
    char whole[300];
    snprintf(whole, sizeof(whole), "\n%s\n", line);
    return strstr(text_str(&page), whole) != NULL;
}

#define assert_line(line)                                                                          \
    do {                                                                                           \
        if (!has_line(line))                                                                       \
            fail_msg("\"%s\" is not in:\n%s", line, text_str(&page));                              \
    } while (0)
#define assert_without(piece) assert_null(strstr(text_str(&page), piece))

static void test_orders_of_certificates(void **state)
{
    struct acme_orders orders;
    (void)state;
    acme_orders_parse(&orders,
                      VIEW("{\"certificates\":[{\"names\":[\"a.test\"],\"state\":\"failed\"},"
                           "{\"names\":[\"b.test\"],\"state\":\"valid\"},"
                           "{\"names\":[\"c.test\"],\"state\":\"failed\"}]}"));
    write_page();
    assert_without("lb_acme_orders");
    options.acme_orders = &orders;
    write_page();
    options.acme_orders = NULL;
    assert_line("lb_acme_orders{state=\"failed\"} 2");
    assert_line("lb_acme_orders{state=\"valid\"} 1");
    assert_line("lb_acme_orders{state=\"waiting\"} 0");
    assert_line("lb_acme_orders{state=\"ordering\"} 0");
    acme_orders_fini(&orders);
}

static void test_each_counter_has_its_name(void **state)
{
    static const struct {
        counter64 *counter;
        const char *name;
    } rows[] = {
        {&totals.inflight_count, "lb_requests_in_flight"},
        {&totals.held_count, "lb_held_requests"},
        {&totals.hold_count, "lb_hold_total"},
        {&totals.client_open_count, "lb_client_connections"},
        {&totals.client_accepted_count, "lb_client_connections_accepted_total"},
        {&totals.request_body_bytes, "lb_request_body_bytes_total"},
        {&totals.response_body_bytes, "lb_response_body_bytes_total"},
        {&totals.ends[ERR_CLIENT_GONE], "lb_request_ends_total{end=\"client_gone\"}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        counter_add(rows[i].counter, UINT64_MAX - i);
    write_page();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[200];
        snprintf(line, sizeof(line), "%s %llu", rows[i].name, (unsigned long long)(UINT64_MAX - i));
        assert_line(line);
    }
}

static void test_each_family_comes_once(void **state)
{
    static char names[200][80];
    unsigned count = 0;
    (void)state;
    options.is_compatible = true;
    options.discovery_start_count = 1;
    take_line(site_line);
    admit_all();
    assert_int_equal(
        publisher_take_line(&publisher, VIEW("{\"v\":1,\"alive\":{\"connected\":true,\"events\":{"
                                             "\"start\":3},\"resyncs\":{\"timer\":4},"
                                             "\"last_event_ns\":1500000000,\"last_sync_ns\":1}}")),
        MEMBERSHIP_ALIVE);
    write_page();
    for (const char *at = text_str(&page); (at = strstr(at, "# TYPE ")); count++) {
        at += strlen("# TYPE ");
        assert_in_range(count, 0, COUNT_OF(names) - 1);
        snprintf(names[count], sizeof(names[0]), "%.*s", (int)strcspn(at, " "), at);
        for (unsigned i = 0; i < count; i++)
            assert_string_not_equal(names[i], names[count]);
    }
    assert_in_range(count, 45, COUNT_OF(names));
}

static void test_discovery_where_there_is_one(void **state)
{
    (void)state;
    write_page();
    assert_without("lb_discovery");
    options.discovery_start_count = 2;
    take_line(site_line);
    publisher.membership.bad_line_count = 5;
    write_page();
    assert_line("lb_discovery_starts_total 2");
    assert_line("lb_discovery_lines_total{result=\"taken\"} 1");
    assert_line("lb_discovery_lines_total{result=\"refused\"} 5");
    assert_without("lb_discovery_connected"); /* it has given no sign of life */
    assert_int_equal(
        publisher_take_line(&publisher,
                            VIEW("{\"v\":1,\"alive\":{\"connected\":true,\"events\":{\"die\":3,"
                                 "\"a\\\"b\\n\":1},\"resyncs\":{},\"last_event_ns\":1500000000}}")),
        MEMBERSHIP_ALIVE);
    write_page();
    assert_line("lb_discovery_connected 1");
    assert_line("lb_discovery_events_total{action=\"die\"} 3");
    assert_line("lb_discovery_events_total{action=\"a\\\"b\\n\"} 1");
    assert_line("lb_discovery_last_event_timestamp_seconds 1.500000000");
    assert_without("lb_discovery_last_sync");
}

static void test_the_pool_once_there_is_one(void **state)
{
    (void)state;
    write_page();
    assert_line("lb_pool_version 0");
    assert_without("lb_pool_age_seconds");
    take_line(site_line);
    publisher.published_ns = UINT64_MAX; /* a clock that was set back */
    write_page();
    assert_line("lb_pool_version 1");
    assert_line("lb_pool_age_seconds 0.000000000");
}

static void test_lb_itself(void **state)
{
    (void)state;
    options.log_drop_count = 7;
    write_page();
    assert_line("lb_workers 1");
    assert_line("lb_log_dropped_total 7");
    assert_non_null(strstr(text_str(&page), "\nlb_build_info{version=\"" LB_VERSION "\",libuv=\""));
    assert_without("process_start_time_seconds 0\n");
    assert_without("process_resident_memory_bytes 0\n");
}

static void test_names_of_the_nginx_exporter(void **state)
{
    static const struct {
        uint64_t open, inflight;
        const char *writing, *waiting;
    } rows[] = {
        {5, 2, "{state=\"writing\"} 2", "{state=\"waiting\"} 3"},
        {5, 9, "{state=\"writing\"} 5", "{state=\"waiting\"} 0"}, /* of requests that are no
                                                                     client's any more */
    };
    (void)state;
    write_page();
    assert_without("nginx");
    options.is_compatible = true;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        totals = (struct metrics){0};
        counter_add(&totals.client_open_count, rows[i].open);
        counter_add(&totals.inflight_count, rows[i].inflight);
        counter_add(&totals.requests_by_class[2], 10);
        counter_add(&totals.requests_by_class[0], 1);
        write_page();
        assert_non_null(strstr(text_str(&page), rows[i].writing));
        assert_non_null(strstr(text_str(&page), rows[i].waiting));
        assert_line("nginx_connections_processed_total{stage=\"any\"} 11");
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_page, close_page)
    const struct CMUnitTest tests[] = {
        TEST(test_each_counter_has_its_name),   TEST(test_orders_of_certificates),
        TEST(test_each_family_comes_once),      TEST(test_discovery_where_there_is_one),
        TEST(test_the_pool_once_there_is_one),  TEST(test_lb_itself),
        TEST(test_names_of_the_nginx_exporter),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
