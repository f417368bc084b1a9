/* /events: what one object tells, and that nothing is computed once nobody follows. */
#include "tests/unit/admin/listeners_case.h"
#include "tests/unit/admin/pages_case.h"

static struct text frame;

static int open_live(void **state)
{
    open_pages(state);
    list_init(&admin.connections);
    frame = (struct text)TEXT_INIT;
    return 0;
}

static int close_live(void **state)
{
    text_fini(&frame);
    return close_pages(state);
}

/* A second later, with so many followers. */
static void pass_second(unsigned follower_count)
{
    loop.uv.time += LIVE_INTERVAL_MS;
    admin.follower_count = follower_count;
    live.second.timer_cb(&live.second);
}

static void begin(void)
{
    text_clear(&frame);
    live_begin(&live, &frame);
}

static void assert_tells(const struct text *text, const char *piece)
{
    if (!strstr(text_str(text), piece))
        fail_msg("\"%s\" is not in: %s", piece, text_str(text));
}

static void test_an_event_is_one_line_of_json(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    begin();
    assert_memory_equal(text_str(&frame), "data: {\"time\":\"", 15);
    assert_string_equal(text_str(&frame) + frame.len - 3, "}\n\n");
    assert_ptr_equal(strchr(text_str(&frame), '\n'), text_str(&frame) + frame.len - 2);
    assert_tells(
        &frame,
        "\"service\":\"app\",\"default_route\":\"There are no routes: all requests go to the "
        "service app (--service).\",\"shutting_down\":false,\"panic\":false,"
        "\"left_out_count\":3,\"paused\":[],\"process\":{\"pid\":");
    assert_tells(&frame, ",\"discovery\":{\"source\":\"docker\"},"
                         "\"route_count\":0,\"endpoint_count\":3,\"usable_count\":1,"
                         "\"states\":{\"ready\":1,\"unhealthy\":1,\"draining\":1},\"endpoints\":[");
}

static void test_before_there_is_a_pool(void **state)
{
    (void)state;
    begin();
    assert_tells(&frame, "\"version\":0,");
    assert_tells(&frame, "\"endpoint_count\":0,\"usable_count\":0,\"states\":{},\"endpoints\":[],"
                         "\"window_ms\":0,\"rate\":null,\"errors\":0,"
                         "\"latency\":{\"count\":0,\"p50_ms\":null,\"p90_ms\":null,"
                         "\"p99_ms\":null}");
}

/* People look for what is wrong. */
static void test_who_is_not_ready_comes_first_and_says_why(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    begin();
    const char *web1 = strstr(text_str(&frame), "\"name\":\"web1\"");
    const char *web3 = strstr(text_str(&frame), "\"name\":\"web3\"");
    assert_non_null(web1);
    assert_true(web3 && web3 < web1);
    assert_tells(&frame, "\"why\":\"its HEALTHCHECK fails\"");
}

static void test_no_more_endpoints_than_there_is_room_for(void **state)
{
    struct text line = TEXT_INIT;
    unsigned count = 0;
    (void)state;
    text_append_str(&line, "{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[");
    for (unsigned i = 0; i < LIVE_ENDPOINT_MAX + 9; i++)
        text_appendf(&line,
                     "%s{\"id\":\"i%u\",\"name\":\"n%u\",\"address\":\"127.0.0.1\",\"port\":%u,"
                     "\"state\":\"paused\"}",
                     i ? "," : "", i, i, 1 + i);
    text_append_str(&line, "]}]}");
    take_line(text_str(&line));
    text_fini(&line);
    begin();
    assert_tells(&frame, "\"endpoint_count\":509,");
    const char *list = strstr(text_str(&frame), "\"endpoints\":["),
               *end = strstr(list, "\"changes\"");
    for (const char *at = list; (at = strstr(at, "{\"id\":")) && at < end; at++)
        count++;
    assert_int_equal(count, LIVE_ENDPOINT_MAX);
}

static void test_rates_since_somebody_began_to_follow(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    begin();
    counter_add(&worker.env.metrics.requests_by_class[2], 30);
    counter_add(&worker.env.metrics.requests_by_class[5], 10);
    endpoint_count(&endpoint_of("web1")->locals[0].answers[2], 20);
    pass_second(1);
    assert_tells(&live.frame, "\"window_ms\":1000,\"rate\":40.000,\"errors\":10,");
    assert_tells(&live.frame, "\"failures\":0,\"rate\":20.000}");
    pass_second(1);
    assert_tells(&live.frame, "\"window_ms\":2000,\"rate\":20.000,\"errors\":10,");
    begin(); /* a second one sees the same window, and does not change it */
    assert_tells(&frame, "\"window_ms\":2000,");
}

static void test_rates_are_of_the_last_ten_seconds(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    begin();
    counter_add(&worker.env.metrics.requests_by_class[2], 40);
    for (unsigned second = 1; second <= 10; second++)
        pass_second(1);
    assert_tells(&live.frame, "\"window_ms\":10000,\"rate\":4.000,");
    pass_second(1);
    assert_tells(&live.frame, "\"window_ms\":10000,\"rate\":0.000,");
    assert_tells(&live.frame, "\"latency\":{\"count\":0,");
    assert_tells(&live.frame, "\"requests\":40,"); /* what was ever counted stays */
}

static void test_nothing_is_kept_when_nobody_follows(void **state)
{
    (void)state;
    begin();
    begin(); /* one sample is enough to begin with */
    assert_int_equal(live.window.count, 1);
    pass_second(1);
    assert_true(live.frame.len > 0 && live.window.count > 0);
    assert_true(uv_is_active((uv_handle_t *)&live.second));
    pass_second(0);
    assert_int_equal(live.frame.len, 0);
    assert_int_equal(live.window.count, 0);
    assert_false(uv_is_active((uv_handle_t *)&live.second));
    begin();
    assert_true(uv_is_active((uv_handle_t *)&live.second));
    live_close(&live);
    live_close(&live);
}

/* The same endpoint in services of two kinds is told once, and counted once. */
static void test_services_of_tcp_and_udp(void **state)
{
    unsigned count = 0;
    (void)state;
    take_listeners();
    pages.listeners = &listeners_all;
    struct service_local *db = use_kind("db", SERVICE_TCP);
    counter_add(&service_passing(service_of(db), 0)->count, 5);
    begin();
    service_release(db);
    assert_tells(&frame, "\"endpoint_count\":4,\"usable_count\":3,");
    assert_tells(&frame, "\"rule_count\":5,\"listener_count\":5,\"shut_count\":1,\"services\":[");
    assert_tells(&frame, "{\"name\":\"db\",\"ready\":1,\"endpoint_count\":2,\"protocol\":\"tcp\","
                         "\"connections\":{\"count\":5,");
    assert_tells(&frame, "{\"name\":\"idle\",\"ready\":0,\"endpoint_count\":0,");
    assert_tells(&frame,
                 "{\"name\":\"app\",\"ready\":1,\"endpoint_count\":1,\"protocol\":\"udp\",");
    for (const char *at = text_str(&frame); (at = strstr(at, "\"id\":\"web1\"")); at++)
        count++;
    assert_int_equal(count, 2); /* at its TCP port, and at its UDP port */
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_live, close_live)
    const struct CMUnitTest tests[] = {
        TEST(test_an_event_is_one_line_of_json),
        TEST(test_before_there_is_a_pool),
        TEST(test_services_of_tcp_and_udp),
        TEST(test_who_is_not_ready_comes_first_and_says_why),
        TEST(test_no_more_endpoints_than_there_is_room_for),
        TEST(test_rates_since_somebody_began_to_follow),
        TEST(test_rates_are_of_the_last_ten_seconds),
        TEST(test_nothing_is_kept_when_nobody_follows),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
