/* The families of endpoints: one row for each, also where several share a name. */
#include "lb/admin/endpoint_metrics.h"

#include "tests/unit/admin/site_case.h"

#define LINE_OF(endpoints)                                                                         \
    "{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[" endpoints "]}]}"
#define ENDPOINT(id, name, port)                                                                   \
    "{\"id\":\"" id "\",\"name\":\"" name "\",\"address\":\"127.0.0.3\",\"port\":" port            \
    ",\"state\":\"ready\"}"

static struct text page;

static void write_page(void)
{
    struct prometheus_text writer = {.out = &page};
    text_clear(&page);
    endpoint_metrics_write(publisher.pool, &writer);
}

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

static unsigned count_of(const char *piece)
{
    unsigned count = 0;
    for (const char *at = text_str(&page); (at = strstr(at, piece)); at++)
        count++;
    return count;
}

/* A sample with exactly that value. */
static void assert_sample(const char *sample)
{
    char line[300];
    snprintf(line, sizeof(line), "\n%s\n", sample);
    if (count_of(line) != 1)
        fail_msg("%u times \"%s\" in:\n%s", count_of(line), sample, text_str(&page));
}

static void test_without_a_pool_there_are_families_and_no_samples(void **state)
{
    (void)state;
    write_page();
    assert_int_equal(count_of("# TYPE lb_endpoint"), 13);
    assert_int_equal(count_of("{"), 0);
}

static void test_states_of_a_service_each_have_a_sample(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    write_page();
    assert_int_equal(count_of("\nlb_endpoints{"), ENDPOINT_STATE_COUNT - 1);
    assert_sample("lb_endpoints{service=\"app\",state=\"ready\"} 1");
    assert_sample("lb_endpoints{service=\"app\",state=\"draining\"} 1");
    assert_sample("lb_endpoints{service=\"app\",state=\"unhealthy\"} 1");
    assert_sample("lb_endpoints{service=\"app\",state=\"failing\"} 0");
    assert_int_equal(count_of("state=\"gone\""), 0);
    assert_int_equal(count_of("\"o1\""), 0); /* of a service that nothing is routed to */
}

/* The default one, and those of routes, each once. */
static void test_a_service_without_endpoints_has_none_ready(void **state)
{
    (void)state;
    take_line("{\"v\":2,\"services\":[],\"left_out\":[],\"routes\":[]}");
    write_page();
    assert_sample("lb_endpoints{service=\"app\",state=\"ready\"} 0");
    assert_int_equal(count_of("\nlb_endpoints{"), 1);
    take_line("{\"v\":2,\"services\":[{\"name\":\"shop\",\"endpoints\":[" ENDPOINT(
        "x", "b", "2") "]}],"
                       "\"left_out\":[],\"routes\":[{\"host\":\"a.test\",\"service\":\"shop\"},"
                       "{\"host\":\"b.test\",\"service\":\"blog\"},{\"host\":\"c.test\","
                       "\"service\":\"blog\"}]}");
    admit_all();
    write_page();
    assert_sample("lb_endpoints{service=\"shop\",state=\"ready\"} 1");
    assert_sample("lb_endpoints{service=\"blog\",state=\"ready\"} 0");
    assert_int_equal(count_of("\nlb_endpoints{service=\"app\""), 0); /* nothing leads there now */
}

/* Also with counters that are larger than what fits into 53 bits. */
static void test_what_an_endpoint_counted(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    struct endpoint_local *local = &endpoint_of("web1")->locals[0];
    endpoint_count(&local->answers[2], INT64_MAX);
    endpoint_count(&local->answers[5], 3);
    endpoint_count(&local->failures[ERR_UPSTREAM_RESET - ENDPOINT_FAILURE_FIRST], 4);
    endpoint_count(&local->connect_count, 5);
    endpoint_count(&local->connect_ns, 1500000001);
    coarse_histogram_observe(&local->durations, 20000000);
    endpoint_count_inflight(local, 6);
    write_page();
    endpoint_count_inflight(local, -6);
    assert_sample("lb_endpoint_ready{service=\"app\",name=\"web1\",id=\"4f9cab\"} 1");
    assert_sample("lb_endpoint_ready{service=\"app\",name=\"web2\",id=\"77aacd\"} 0");
    assert_sample("lb_endpoint_requests_in_flight{service=\"app\",name=\"web1\",id=\"4f9cab\"} 6");
    assert_sample(
        "lb_endpoint_requests_total{service=\"app\",name=\"web1\",id=\"4f9cab\",code=\"2xx\"} "
        "9223372036854775807");
    assert_sample(
        "lb_endpoint_requests_total{service=\"app\",name=\"web1\",id=\"4f9cab\",code=\"5xx\"} 3");
    assert_sample(
        "lb_endpoint_requests_total{service=\"app\",name=\"web2\",id=\"77aacd\",code=\"2xx\"} 0");
    assert_sample("lb_endpoint_failures_total{service=\"app\",name=\"web1\",id=\"4f9cab\","
                  "reason=\"upstream_reset\"} 4");
    assert_sample("lb_endpoint_failures_total{service=\"app\",name=\"web1\",id=\"4f9cab\",reason="
                  "\"refused\"} 0");
    assert_sample("lb_endpoint_connects_total{service=\"app\",name=\"web1\",id=\"4f9cab\"} 5");
    assert_sample("lb_endpoint_connect_seconds_total{service=\"app\",name=\"web1\",id=\"4f9cab\"} "
                  "1.500000001");
    assert_sample("lb_endpoint_request_duration_seconds_bucket{service=\"app\",name=\"web1\","
                  "id=\"4f9cab\",le=\"0.005\"} 0");
    assert_sample("lb_endpoint_request_duration_seconds_bucket{service=\"app\",name=\"web1\","
                  "id=\"4f9cab\",le=\"0.025\"} 1");
    assert_sample("lb_endpoint_request_duration_seconds_count{service=\"app\",name=\"web2\","
                  "id=\"77aacd\"} 0");
    assert_sample("lb_endpoint_weight{service=\"app\",name=\"web1\",id=\"4f9cab\"} 7");
    assert_sample("lb_endpoint_durations_omitted 0");
}

/* Of very many not all have them, and that is told. */
static void test_so_many_have_durations(void **state)
{
    struct text line = TEXT_INIT;
    (void)state;
    text_append_str(&line, "{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[");
    for (unsigned i = 0; i < ENDPOINT_METRICS_DURATIONS_MAX + 3; i++)
        text_appendf(&line,
                     "%s{\"id\":\"i%u\",\"name\":\"n%u\",\"address\":\"127.0.0.3\",\"port\":%u,"
                     "\"state\":\"ready\"}",
                     i > 0 ? "," : "", i, i, i + 1);
    text_append_str(&line, "]}]}");
    take_line(text_str(&line));
    text_fini(&line);
    write_page();
    assert_int_equal(count_of("\nlb_endpoint_request_duration_seconds_count{"),
                     ENDPOINT_METRICS_DURATIONS_MAX);
    assert_int_equal(count_of("\nlb_endpoint_weight{"), ENDPOINT_METRICS_DURATIONS_MAX + 3);
    assert_sample("lb_endpoint_durations_omitted 3");
}

#define SAMPLE(name, id, value)                                                                    \
    "lb_endpoint_requests_total{service=\"app\",name=\"" name "\",id=\"" id                        \
    "\",code=\"2xx\"} " value

/* A sum of them would go down with each that goes. */
static void test_endpoints_of_one_name_count_by_themselves(void **state)
{
    (void)state;
    take_line(LINE_OF(ENDPOINT("c:80", "a", "80") "," ENDPOINT("x", "b", "2") "," ENDPOINT(
        "c:53", "a", "53") "," ENDPOINT("c:53/udp", "a", "54")));
    admit_all();
    const struct pool_service *service = &publisher.pool->services[0];
    for (unsigned i = 0; i < service->endpoint_count; i++)
        endpoint_count(&service->endpoints[i]->locals[0].answers[2], 10 + i);
    write_page();
    assert_sample("lb_endpoint_ready{service=\"app\",name=\"a\",id=\"c:80\"} 1");
    assert_sample("lb_endpoint_ready{service=\"app\",name=\"b\",id=\"x\"} 1");
    assert_int_equal(count_of("\nlb_endpoint_ready{"), 4);
    assert_sample(SAMPLE("a", "c:53", "10"));
    assert_sample(SAMPLE("a", "c:53/udp", "11"));
    assert_sample(SAMPLE("a", "c:80", "12"));
    assert_sample(SAMPLE("b", "x", "13"));
    take_line(LINE_OF(ENDPOINT("c:53", "a", "53") "," ENDPOINT("x", "b", "2")));
    write_page();
    assert_sample(SAMPLE("a", "c:53", "10"));
    assert_sample(SAMPLE("b", "x", "13"));
    assert_int_equal(count_of("\nlb_endpoint_ready{"), 2);
}

static void test_names_to_beware_of(void **state)
{
    (void)state;
    take_line(LINE_OF(ENDPOINT("1", "a\\\"b\\\\c\\n} 5", "1")));
    admit_all();
    write_page();
    assert_sample("lb_endpoint_ready{service=\"app\",name=\"a\\\"b\\\\c\\n} 5\",id=\"1\"} 1");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_page, close_page)
    const struct CMUnitTest tests[] = {
        TEST(test_without_a_pool_there_are_families_and_no_samples),
        TEST(test_states_of_a_service_each_have_a_sample),
        TEST(test_what_an_endpoint_counted),
        TEST(test_a_service_without_endpoints_has_none_ready),
        TEST(test_so_many_have_durations),
        TEST(test_endpoints_of_one_name_count_by_themselves),
        TEST(test_names_to_beware_of),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
