/* What is counted for each service: who has series, in which order, and that nobody can make the
 * page grow. */
#include "lb/admin/service_metrics.h"

#include "tests/unit/admin/site_case.h"

static struct service_metrics options;
static struct text page;

static int open_page(void **state)
{
    page = (struct text)TEXT_INIT;
    options = (struct service_metrics){.routed = "app"};
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
    options.pool = publisher.pool;
    service_metrics_write(&options, &writer);
}

/* Where in the page that line begins. */
static size_t place_of(const char *line)
{
    const char *at = strstr(text_str(&page), line);
    if (!at)
        fail_msg("\"%s\" is not in:\n%s", line, text_str(&page));
    return (size_t)(at - text_str(&page));
}

static unsigned count_of(const char *piece)
{
    unsigned count = 0;
    for (const char *at = text_str(&page); (at = strstr(at, piece)); at++)
        count++;
    return count;
}

/* A worker works for the service, which a test ends with service_release. */
static struct service_local *use_service(void)
{
    return service_use(publisher.pool->services[0].kept, 0, publisher.pool->policy);
}

static void test_what_is_routed_has_its_series_from_the_start(void **state)
{
    static const char *const lines[] = {
        "lb_upstream_requests_total{service=\"app\"} 0\n",
        "lb_upstream_connections{service=\"app\"} 0\n",
        "lb_request_duration_seconds_count{service=\"app\"} 0\n",
        "lb_upstream_failures_total{service=\"app\",reason=\"refused\"} 0\n",
    };
    (void)state;
    for (unsigned has_pool = 0; has_pool < 2; has_pool++) {
        if (has_pool)
            take_line(site_line);
        write_page();
        for (size_t i = 0; i < COUNT_OF(lines); i++)
            place_of(lines[i]);
        assert_int_equal(count_of("\nlb_upstream_requests_total{"), 1);
        assert_int_equal(count_of("\nlb_requests_total{"), 0); /* nothing has happened */
    }
}

static void test_each_counter_has_its_name(void **state)
{
    (void)state;
    take_line(site_line);
    struct service_local *local = use_service();
    struct traffic *traffic = &local->traffic;
    const struct {
        counter64 *counter;
        const char *name;
    } rows[] = {
        {&traffic->attempt_count, "lb_upstream_requests_total{service=\"app\"}"},
        {&traffic->retry_count, "lb_upstream_retries_total{service=\"app\"}"},
        {&traffic->retry_denied_count, "lb_upstream_retries_denied_total{service=\"app\"}"},
        {&traffic->sticky_miss_count, "lb_sticky_misses_total{service=\"app\"}"},
        {&traffic->connect_count, "lb_upstream_connects_total{service=\"app\"}"},
        {&traffic->reuse_count, "lb_upstream_reuses_total{service=\"app\"}"},
        {&traffic->open_count, "lb_upstream_connections{service=\"app\"}"},
        {&traffic->failures[ERR_UPSTREAM_TIMEOUT - TRAFFIC_FAILURE_FIRST],
         "lb_upstream_failures_total{service=\"app\",reason=\"upstream_timeout\"}"},
        {&traffic->durations.buckets[0], "lb_request_duration_seconds_count{service=\"app\"}"},
        {&traffic->connects.buckets[0],
         "lb_upstream_connect_duration_seconds_count{service=\"app\"}"},
        {&traffic->holds.buckets[0], "lb_hold_duration_seconds_count{service=\"app\"}"},
        {&traffic->queues.buckets[0], "lb_service_queue_duration_seconds_count{service=\"app\"}"},
        {&traffic->request_body_bytes, "lb_service_request_body_bytes_total{service=\"app\"}"},
        {&traffic->response_body_bytes, "lb_service_response_body_bytes_total{service=\"app\"}"},
        {&traffic->ends[ERR_UPSTREAM_TIMEOUT],
         "lb_service_request_ends_total{service=\"app\",end=\"upstream_timeout\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        counter_add(rows[i].counter, (uint64_t)INT64_MAX - i);
    write_page();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[200];
        snprintf(line, sizeof(line), "\n%s %llu\n", rows[i].name,
                 (unsigned long long)INT64_MAX - i);
        place_of(line);
    }
    service_release(local);
}

static void test_requests_by_method_and_code_in_order(void **state)
{
    static const char *const lines[] = {
        "lb_requests_total{service=\"app\",method=\"GET\",code=\"0\"} 1\n",
        "lb_requests_total{service=\"app\",method=\"GET\",code=\"200\"} 2\n",
        "lb_requests_total{service=\"app\",method=\"GET\",code=\"503\"} 1\n",
        "lb_requests_total{service=\"app\",method=\"POST\",code=\"200\"} 1\n",
        "lb_requests_total{service=\"\",method=\"OTHER\",code=\"400\"} 1\n",
    };
    (void)state;
    take_line(site_line);
    struct service_local *local = use_service();
    traffic_count(&local->traffic, VIEW("POST"), 200);
    traffic_count(&local->traffic, VIEW("GET"), 503);
    traffic_count(&local->traffic, VIEW("GET"), 200);
    traffic_count(&local->traffic, VIEW("GET"), 200);
    traffic_count(&local->traffic, VIEW("GET"), 0);
    traffic_count(&options.unrouted, VIEW("B\"R\nEW"), 400);
    write_page();
    for (size_t i = 1; i < COUNT_OF(lines); i++)
        assert_true(place_of(lines[i - 1]) < place_of(lines[i]));
    assert_int_equal(count_of("\nlb_requests_total{"), COUNT_OF(lines));
    service_release(local);
}

/* Backends choose the status, and do not make the page grow. */
static void test_more_statuses_than_there_is_room_for(void **state)
{
    (void)state;
    take_line(site_line);
    struct service_local *local = use_service();
    for (unsigned status = 200; status < 600; status++)
        traffic_count(&local->traffic, VIEW("GET"), status);
    write_page();
    assert_in_range(count_of("\nlb_requests_total{"), TRAFFIC_PAIR_COUNT, TRAFFIC_PAIR_COUNT + 6);
    place_of("method=\"OTHER\",code=\"5xx\"}");
    service_release(local);
}

/* The service that was routed before, and is used no more. */
static void test_another_service_has_series_once_it_has_had_requests(void **state)
{
    struct service *old = service_new("old\"one", SERVICE_HTTP, 1);
    struct pool_service listed = {.kept = old, .name = old->name};
    struct pool pool = {.services = &listed, .service_count = 1};
    struct prometheus_text writer = {.out = &page};
    (void)state;
    options.pool = &pool;
    service_metrics_write(&options, &writer);
    assert_int_equal(count_of("one\""), 0);
    struct service_policy *policy = service_policy_new(&(struct service_policy){0});
    struct service_local *local = service_use(old, 0, policy);
    service_policy_unref(policy);
    text_clear(&page);
    service_metrics_write(&options, &writer);
    place_of("lb_upstream_requests_total{service=\"app\"} 0\n"
             "lb_upstream_requests_total{service=\"old\\\"one\"} 0\n");
    service_release(local);
    service_unref(old);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_page, close_page)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_routed_has_its_series_from_the_start),
        TEST(test_each_counter_has_its_name),
        TEST(test_requests_by_method_and_code_in_order),
        TEST(test_more_statuses_than_there_is_room_for),
        TEST(test_another_service_has_series_once_it_has_had_requests),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
