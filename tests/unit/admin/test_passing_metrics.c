/* What is counted of connections and flows: each counter under its name, no two series alike where one name has
 * services of several kinds, and not a line where there is no listener. */
#include "lb/admin/passing_metrics.h"

#include "tests/unit/admin/listeners_case.h"

#include "lb/admin/endpoint_metrics.h"
#include "lb/admin/service_metrics.h"

static struct text page;
static struct passing unrouted;

static int open_page(void **state)
{
    page = (struct text)TEXT_INIT;
    unrouted = (struct passing){0};
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
    passing_metrics_write(publisher.pool, &unrouted, &writer);
}

static bool has_line(const char *line)
{
    char whole[300];
    snprintf(whole, sizeof(whole), "\n%s\n", line);
    return strstr(text_str(&page), whole) != NULL;
}

static void assert_line(const char *line)
{
    if (!has_line(line))
        fail_msg("\"%s\" is not in:\n%s", line, text_str(&page));
}

static void test_without_listeners_there_is_nothing(void **state)
{
    (void)state;
    write_page();
    assert_string_equal(text_str(&page), "");
    take_line(site_line);
    admit_all();
    write_page();
    assert_string_equal(text_str(&page), "");
}

static void test_each_service_has_its_series_from_the_start(void **state)
{
    (void)state;
    take_listeners();
    write_page();
    assert_line("lb_tcp_connections_total{service=\"app\"} 0");
    assert_line("lb_tcp_connections_total{service=\"db\"} 0");
    assert_line("lb_tcp_connections_total{service=\"idle\"} 0");
    assert_line("lb_udp_flows_total{service=\"app\"} 0");
    assert_null(strstr(text_str(&page), "lb_udp_flows_total{service=\"db\"}"));
    assert_null(strstr(text_str(&page), "end=\"")); /* nothing has happened */
}

static void test_each_counter_has_its_name(void **state)
{
    (void)state;
    take_listeners();
    struct service_local *used[] = {use_kind("db", SERVICE_TCP), use_kind("app", SERVICE_UDP)};
    struct passing *db = service_passing(service_of(used[0]), 0);
    struct passing *app = service_passing(service_of(used[1]), 0);
    const struct {
        counter64 *counter;
        const char *name;
    } rows[] = {
        {&db->count, "lb_tcp_connections_total{service=\"db\"}"},
        {&db->open_count, "lb_tcp_open_connections{service=\"db\"}"},
        {&db->client_bytes, "lb_tcp_client_bytes_total{service=\"db\"}"},
        {&db->server_bytes, "lb_tcp_server_bytes_total{service=\"db\"}"},
        {&db->ends[ERR_DRAINED], "lb_tcp_connection_ends_total{service=\"db\",end=\"drained\"}"},
        {&db->durations.buckets[0], "lb_tcp_connection_duration_seconds_count{service=\"db\"}"},
        {&app->count, "lb_udp_flows_total{service=\"app\"}"},
        {&app->open_count, "lb_udp_open_flows{service=\"app\"}"},
        {&app->client_bytes, "lb_udp_client_bytes_total{service=\"app\"}"},
        {&app->server_bytes, "lb_udp_server_bytes_total{service=\"app\"}"},
        {&app->client_datagram_count, "lb_udp_client_datagrams_total{service=\"app\"}"},
        {&app->server_datagram_count, "lb_udp_server_datagrams_total{service=\"app\"}"},
        {&app->lost_datagram_count, "lb_udp_lost_datagrams_total{service=\"app\"}"},
        {&app->ends[ERR_IDLE], "lb_udp_flow_ends_total{service=\"app\",end=\"idle\"}"},
        {&app->durations.buckets[0], "lb_udp_flow_duration_seconds_count{service=\"app\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        counter_add(rows[i].counter, (uint64_t)INT64_MAX - i);
    write_page();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[200];
        snprintf(line, sizeof(line), "%s %llu", rows[i].name, (unsigned long long)INT64_MAX - i);
        assert_line(line);
    }
    service_release(used[0]);
    service_release(used[1]);
}

/* Connections that no rule holds for, and datagrams, which begin no flow then. */
static void test_what_is_for_no_service(void **state)
{
    (void)state;
    take_listeners();
    counter_add(&unrouted.count, 3);
    counter_add(&unrouted.open_count, 3);
    passing_end(&unrouted, ERR_NO_ROUTE, 5);
    write_page();
    assert_line("lb_tcp_connections_total{service=\"\"} 3");
    assert_line("lb_tcp_open_connections{service=\"\"} 2");
    assert_line("lb_tcp_connection_ends_total{service=\"\",end=\"no_route\"} 1");
    assert_null(strstr(text_str(&page), "lb_udp_flows_total{service=\"\"}"));
    counter_add(&unrouted.lost_datagram_count, 4);
    write_page();
    assert_line("lb_udp_lost_datagrams_total{service=\"\"} 4");
    assert_line("lb_udp_flows_total{service=\"\"} 0");
}

/* Of all that is told of services and endpoints. */
static void write_all(void)
{
    struct prometheus_text writer = {.out = &page};
    text_clear(&page);
    service_metrics_write(&(struct service_metrics){.pool = publisher.pool, .routed = "app"},
                          &writer);
    passing_metrics_write(publisher.pool, &unrouted, &writer);
    endpoint_metrics_write(publisher.pool, &writer);
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void assert_no_two_alike(void)
{
    static char *lines[4000];
    unsigned count = 0;
    for (char *at = strtok(page.bytes, "\n"); at; at = strtok(NULL, "\n")) {
        assert_in_range(count, 0, COUNT_OF(lines) - 1);
        char *value = strrchr(at, ' ');
        if (at[0] == '#')
            continue;
        *value = '\0';
        lines[count++] = at;
    }
    qsort(lines, count, sizeof(lines[0]), compare_lines);
    for (unsigned i = 1; i < count; i++)
        assert_string_not_equal(lines[i - 1], lines[i]);
    text_clear(&page);
}

static void test_no_two_series_are_alike(void **state)
{
    (void)state;
    take_listeners();
    struct service_local *of_kinds[] = {use_kind("app", SERVICE_HTTP), use_kind("app", SERVICE_TCP),
                                        use_kind("app", SERVICE_UDP), use_kind("db", SERVICE_TCP)};
    write_all();
    assert_line("lb_endpoint_ready{service=\"app\",name=\"web1\",id=\"web1:80\"} 1");
    assert_line(
        "lb_endpoint_ready{service=\"app\",name=\"web1\",id=\"web1:80\",protocol=\"tcp\"} 1");
    assert_line(
        "lb_endpoint_ready{service=\"app\",name=\"web1\",id=\"web1:53/udp\",protocol=\"udp\"} 1");
    assert_line("lb_endpoint_failures_total{service=\"db\",name=\"db2\",id=\"db2:5432\","
                "reason=\"refused\",protocol=\"tcp\"} 0");
    assert_line("lb_endpoints{service=\"db\",state=\"unhealthy\",protocol=\"tcp\"} 1");
    assert_line("lb_upstream_connects_total{service=\"db\",protocol=\"tcp\"} 0");
    assert_line(
        "lb_upstream_failures_total{service=\"app\",reason=\"refused\",protocol=\"udp\"} 0");
    assert_line("lb_service_queued_requests{service=\"db\",protocol=\"tcp\"} 0");
    assert_null(strstr(text_str(&page), "code=\"2xx\",protocol"));
    assert_null(strstr(text_str(&page), "lb_upstream_requests_total{service=\"db\""));
    assert_no_two_alike();
    for (unsigned i = 0; i < COUNT_OF(of_kinds); i++)
        service_release(of_kinds[i]);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_page, close_page)
    const struct CMUnitTest tests[] = {
        TEST(test_without_listeners_there_is_nothing),
        TEST(test_each_service_has_its_series_from_the_start),
        TEST(test_each_counter_has_its_name),
        TEST(test_what_is_for_no_service),
        TEST(test_no_two_series_are_alike),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
