/* /pool: each endpoint, service, total and word of discovery, as JSON. */
#include "lb/admin/pool_page.h"

#include "lb/admin/endpoint_facts.h"

#include "tests/unit/admin/listeners_case.h"

static struct metrics totals;

static struct pool_page page_of_now(void)
{
    return (struct pool_page){.pool = publisher.pool,
                              .membership = &publisher.membership,
                              .now_ms = 5000,
                              .totals = &totals,
                              .source = "docker",
                              .worker_count = 2};
}

static void check_endpoint(const char *name, const char *want)
{
    struct pool_page page = page_of_now();
    struct text out = TEXT_INIT;
    struct json_writer json;
    json_writer_init(&json, &out);
    json_writer_begin_object(&json);
    endpoint_facts_write(endpoint_of(name), &page.membership->backends, &json);
    endpoint_facts_write_counts(endpoint_of(name), page.now_ms, &json);
    json_writer_end_object(&json);
    assert_text(&out, want);
}

static int open_page(void **state)
{
    totals = (struct metrics){0};
    return open_publisher(state);
}

#define WEB1(state, between)                                                                       \
    "{\"id\":\"4f9cab\",\"name\":\"web1\",\"address\":\"127.0.0.3:8484\",\"state\":\"" state       \
    "\",\"since\":\"" SITE_TIME "\",\"cause\":\"start\"" between                                   \
    ",\"inflight\":0,\"requests\":0,\"failures\":0,\"retries\":0,\"ejections\":0,\"answers\":{}}"
#define EJECTED_REMEDY                                                                             \
    ",\"remedy\":\"It gets requests again once its time is over and a probe succeeds.\""

static void test_an_endpoint_that_is_ready(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    check_endpoint("web1", WEB1("ready", ",\"weight\":7"));
    endpoint_of("web1")->slow_start_ms = 1000;
    endpoint_of("web1")->ready_ms = 4500;
    check_endpoint("web1", WEB1("ready", ",\"weight\":7,\"share_percent\":50"));
}

static void test_an_endpoint_with_orders(void **state)
{
    static const struct {
        enum endpoint_order order;
        unsigned weight;
        const char *want;
    } rows[] = {
        {ENDPOINT_ORDER_NONE, 9,
         ",\"weight\":9,\"ordered\":{\"by\":\"admin\",\"order\":\"none\",\"weight\":9}"},
        {ENDPOINT_ORDER_DRAIN, 0,
         ",\"weight\":7,\"ordered\":{\"by\":\"admin\",\"order\":\"drain\"}"},
        {ENDPOINT_ORDER_DISABLE, 256,
         ",\"weight\":256,\"ordered\":{\"by\":\"admin\",\"order\":\"disable\",\"weight\":256}"},
    };
    (void)state;
    take_line(site_line);
    admit_all();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char want[600];
        endpoint_of("web1")->order = rows[i].order;
        endpoint_of("web1")->ordered_weight = rows[i].weight;
        snprintf(want, sizeof(want), WEB1("ready", "%s"), rows[i].want);
        check_endpoint("web1", want);
    }
}

static void test_an_endpoint_that_is_ejected(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    struct endpoint *endpoint = endpoint_of("web1");
    endpoint_set_state(endpoint, ENDPOINT_EJECTED);
    endpoint_note_problem(endpoint, "5 \"resets\"\nin a row");
    stop_clocks();
    endpoint->ejected_until_ms = 5001;
    check_endpoint("web1",
                   WEB1("ejected", ",\"problem\":\"5 \\\"resets\\\"\\nin a row\"" EJECTED_REMEDY
                                   ",\"weight\":7,\"ejected_for_ms\":1"));
    endpoint->ejected_until_ms = 4000; /* it waits for its probe */
    check_endpoint("web1",
                   WEB1("ejected", ",\"problem\":\"5 \\\"resets\\\"\\nin a row\"" EJECTED_REMEDY
                                   ",\"weight\":7,\"ejected_for_ms\":0"));
}

static void test_what_an_endpoint_counted(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    struct endpoint_local *local = &endpoint_of("web1")->locals[0];
    endpoint_count_inflight(local, 2);
    endpoint_count(&local->answers[2], 3);
    endpoint_count(&local->answers[5], 1);
    endpoint_count(&local->failure_count, 5);
    endpoint_count(&local->retry_count, 6);
    endpoint_of("web1")->ejected_count = 7;
    check_endpoint("web1", "{\"id\":\"4f9cab\",\"name\":\"web1\",\"address\":\"127.0.0.3:8484\","
                           "\"state\":\"ready\",\"since\":\"" SITE_TIME
                           "\",\"cause\":\"start\",\"weight\":7,\"inflight\":2,\"requests\":4,"
                           "\"failures\":5,\"retries\":6,\"ejections\":7,"
                           "\"answers\":{\"2xx\":3,\"5xx\":1}}");
    endpoint_count_inflight(local, -2);
}

static void check_discovery(unsigned start_count, const char *want)
{
    struct pool_page page = page_of_now();
    struct text out = TEXT_INIT;
    struct json_writer json;
    page.discovery_start_count = start_count;
    json_writer_init(&json, &out);
    pool_page_write_discovery(&page, true, &json);
    assert_text(&out, want);
}

static void test_discovery(void **state)
{
    (void)state;
    check_discovery(0, "{\"source\":\"docker\"}");
    check_discovery(2, "{\"source\":\"docker\",\"starts\":2,\"lines\":0,\"bad_lines\":0,"
                       "\"last_line\":null,\"last_line_age_ms\":null}");
    take_obstacle("no \\\"socket\\\"", "Start it.");
    check_discovery(2, "{\"source\":\"docker\",\"starts\":2,\"lines\":0,\"bad_lines\":0,"
                       "\"last_line\":null,\"last_line_age_ms\":null,\"connected\":false,"
                       "\"last_event\":null,\"last_sync\":null,\"problem\":\"no \\\"socket\\\"\","
                       "\"remedy\":\"Start it.\",\"problem_since\":\"" SITE_TIME "\"}");
}

static void test_a_clock_that_was_set_back_makes_no_age(void **state)
{
    (void)state;
    publisher.membership.last_line_ns = UINT64_C(4102444800000000000);
    check_discovery(1, "{\"source\":\"docker\",\"starts\":1,\"lines\":0,\"bad_lines\":0,"
                       "\"last_line\":\"2100-01-01T00:00:00.000000Z\",\"last_line_age_ms\":0}");
}

static void test_totals(void **state)
{
    struct pool_page page = page_of_now();
    struct text out = TEXT_INIT;
    struct json_writer json;
    (void)state;
    counter64 *const counters[] = {
        &totals.requests_by_class[0],
        &totals.requests_by_class[2],
        &totals.requests_by_class[5],
        &totals.ends[ERR_LOOP],
        &totals.retry_count,
        &totals.retry_denied_count,
        &totals.held_count,
        &totals.client_open_count,
        &totals.client_accepted_count,
        &totals.upstream_connect_count,
        &totals.request_body_bytes,
        &totals.response_body_bytes,
    };
    for (size_t i = 0; i < COUNT_OF(counters); i++)
        counter_add(counters[i], i + 1);
    counter_add(&totals.hold_count, 1);
    json_writer_init(&json, &out);
    pool_page_write_totals(&page, &json);
    assert_text(&out,
                "{\"by_status\":{\"none\":1,\"1xx\":0,\"2xx\":2,\"3xx\":0,\"4xx\":0,"
                "\"5xx\":3},\"requests\":6,\"ends\":{\"loop\":4},\"retries\":5,"
                "\"retries_denied\":6,\"held\":7,\"holds\":1,\"queued\":0,\"client_connections\":8,"
                "\"clients_accepted\":9,\"upstream_connects\":10,\"upstream_tls_handshakes\":0,"
                "\"upstream_tls_failed\":0,\"request_body_bytes\":11,"
                "\"response_body_bytes\":12}");
}

static void test_the_whole_page(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    struct pool_page page = page_of_now();
    pool_page_write(&page, &out);
    struct view start =
        VIEW("{\"version\":0,\"service\":\"app\",\"shutting_down\":false,"
             "\"workers\":2,\"discovery\":{\"source\":\"docker\"},"
             "\"services\":[],\"paused\":[],\"routes\":{\"count\":0,\"default\":\"There are no "
             "routes: all requests go to "
             "the service app (--service).\"},\"listeners\":[],\"left_out\":[],\"totals\":{");
    assert_true(view_starts_with(text_view(&out), start));
    text_clear(&out);
    take_line(site_line);
    admit_all();
    publisher.pool->services[0].is_panicking = true;
    page = page_of_now();
    page.is_shutting_down = true;
    pool_page_write(&page, &out);
    assert_non_null(strstr(text_str(&out), "\"shutting_down\":true"));
    assert_non_null(strstr(text_str(&out), "],\"ready\":1,\"waiting\":0,\"panic\":true}],"
                                           "\"paused\":[],\"routes\":{\"count\":0,\"default\":\""));
    assert_non_null(strstr(text_str(&out), ",\"remark\":\"lb.wieght is no label of lb\"}"));
    assert_non_null(strstr(text_str(&out), "\"name\":\"a\\n\\u001b[31m\\\"\\\\<b>\""));
    assert_string_equal(text_str(&out) + out.len - 3, "}}\n");
    text_fini(&out);
}

static void test_services_of_other_kinds_and_their_listeners(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    take_listeners();
    struct service_local *db = use_kind("db", SERVICE_TCP), *app = use_kind("app", SERVICE_UDP);
    struct passing *connections = service_passing(service_of(db), 0);
    struct passing *flows = service_passing(service_of(app), 0);
    counter_add(&connections->count, 3);
    counter_add(&connections->open_count, 2);
    counter_add(&connections->server_bytes, 9);
    passing_end(connections, ERR_DRAINED, 1);
    counter_add(&flows->lost_datagram_count, 7);
    struct pool_page page = page_of_now();
    page.listeners = &listeners_all;
    pool_page_write(&page, &out);
    assert_non_null(strstr(text_str(&out),
                           "{\"name\":\"db\",\"protocol\":\"tcp\",\"connections\":{\"count\":3,"
                           "\"open\":1,\"client_bytes\":0,\"server_bytes\":9,\"ends\":{"
                           "\"drained\":1}},\"endpoints\":[{\"id\":\"db1\""));
    assert_non_null(strstr(text_str(&out),
                           "{\"name\":\"app\",\"protocol\":\"udp\",\"flows\":{\"count\":0,"
                           "\"open\":0,\"client_bytes\":0,\"server_bytes\":0,"
                           "\"client_datagrams\":0,\"server_datagrams\":0,"
                           "\"lost_datagrams\":7,\"ends\":{}},\"endpoints\":["));
    assert_non_null(strstr(text_str(&out), "{\"name\":\"app\",\"endpoints\":["));
    assert_non_null(strstr(text_str(&out), "\"address\":\"127.0.0.9:5432\",\"protocol\":\"udp\""));
    assert_non_null(strstr(text_str(&out), LISTENERS_JSON));
    service_release(db);
    service_release(app);
    text_fini(&out);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_page, close_publisher)
    const struct CMUnitTest tests[] = {
        TEST(test_services_of_other_kinds_and_their_listeners),
        TEST(test_an_endpoint_that_is_ready),
        TEST(test_an_endpoint_with_orders),
        TEST(test_an_endpoint_that_is_ejected),
        TEST(test_what_an_endpoint_counted),
        TEST(test_discovery),
        TEST(test_a_clock_that_was_set_back_makes_no_age),
        TEST(test_totals),
        TEST(test_the_whole_page),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
