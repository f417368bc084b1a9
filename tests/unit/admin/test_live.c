/* /events: what one object tells, and that nothing is computed once nobody follows. */
#include "lb/admin/live_endpoints.h"
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

static void assert_lacks(const struct text *text, const char *piece)
{
    if (strstr(text_str(text), piece))
        fail_msg("\"%s\" is in: %s", piece, text_str(text));
}

static void test_the_first_object_is_one_line_with_everything(void **state)
{
    static const char *const sections[] = {
        "about",          "source",          "listeners",    "routes",    "certificates",
        "services",       "service_numbers", "service_more", "endpoints", "endpoint_numbers",
        "endpoint_more",  "totals",          "saturation",   "changes",   "left_out",
        "left_out_count", "history",         "sample",       "notable",   "seen"};
    (void)state;
    take_line(site_line);
    admit_all();
    begin();
    assert_memory_equal(text_str(&frame), "data: {\"full\":true,\"time\":\"", 27);
    assert_string_equal(text_str(&frame) + frame.len - 3, "}\n\n");
    assert_ptr_equal(strchr(text_str(&frame), '\n'), text_str(&frame) + frame.len - 2);
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        char piece[40];
        snprintf(piece, sizeof(piece), ",\"%s\":", sections[i]);
        assert_tells(&frame, piece);
    }
    assert_tells(&frame,
                 "\"services\":{\"app\":{\"name\":\"app\",\"kind\":\"http\",\"default\":true,"
                 "\"ready\":1,\"usable\":1,\"endpoint_count\":3,\"states\":{\"ready\":1,"
                 "\"unhealthy\":1,\"draining\":1},\"panic\":false}}");
    assert_tells(&frame, "\"default\":\"There are no routes: all requests go to the service app "
                         "(--service).\",\"service\":\"app\",\"shutting_down\":false}");
    assert_tells(&frame, "\"left_out_count\":3");
}

static void test_before_there_is_a_pool(void **state)
{
    (void)state;
    begin();
    assert_tells(&frame, "\"routes\":{\"version\":0,");
    assert_tells(&frame, "\"services\":{},\"service_numbers\":{},\"service_more\":0,"
                         "\"endpoints\":{},\"endpoint_numbers\":{},\"endpoint_more\":0,"
                         "\"totals\":{\"window_ms\":0,\"rate\":null,\"rate_4xx\":null,"
                         "\"rate_5xx\":null,\"percent_5xx\":null,\"p50_ms\":null,"
                         "\"p90_ms\":null,\"p99_ms\":null,");
}

static void test_later_objects_have_what_changed(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    begin();
    pass_second(1);
    assert_memory_equal(text_str(&live.frame), "data: {\"time\":\"", 15);
    assert_lacks(&live.frame, "\"endpoints\"");
    assert_lacks(&live.frame, "\"left_out\"");
    assert_lacks(&live.frame, "\"changes\"");
    endpoint_set_state(endpoint_of("web1"), ENDPOINT_DISABLED);
    recent_note(&publisher.recent, endpoint_of("web1"), ENDPOINT_READY);
    pass_second(1);
    assert_tells(&live.frame,
                 "\"endpoints\":{\"app 4f9cab\":{\"service\":\"app\",\"id\":\"4f9cab\",");
    assert_tells(&live.frame, "\"state\":\"disabled\"");
    assert_lacks(&live.frame, "99ee01");
    assert_tells(&live.frame, "\"before\":\"ready\",\"after\":\"disabled\"");
    begin(); /* who comes now is told what was told last */
    assert_tells(&frame, "\"state\":\"disabled\"");
    take_line("{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[]}],\"left_out\":[]}");
    pass_second(1);
    assert_tells(&live.frame, "\"app 99ee01\":null");
    assert_tells(&live.frame, "\"left_out\":{\"bad1\":null,");
    assert_tells(&live.frame, "\"left_out_count\":0");
}

/* Explain's words; those of TCP and UDP keep theirs. */
static void test_left_out(void **state)
{
    (void)state;
    take_line(site_line);
    begin();
    assert_tells(&frame, "\"99cc02\":{\"id\":\"99cc02\",\"name\":\"db\",\"service\":\"postgres\","
                         "\"reason\":\"no_shared_network\",\"sentence\":\"it is on: back\","
                         "\"remedy\":\"");
    assert_tells(&frame, "\"name\":\"a\\n\\u001b[31m\\\"\\\\<b>\"");
}

static void take_many(unsigned count)
{
    struct text line = TEXT_INIT;
    text_append_str(&line, "{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[");
    for (unsigned i = 0; i < count; i++)
        text_appendf(&line,
                     "%s{\"id\":\"i%04u\",\"name\":\"n%04u\",\"address\":\"127.0.0.1\",\"port\":%u,"
                     "\"state\":\"%s\"}",
                     i ? "," : "", i, i, 1 + i, i == count - 1 ? "paused" : "ready");
    text_append_str(&line, "]}]}");
    take_line(text_str(&line));
    text_fini(&line);
}

static unsigned count_of(const struct text *text, const char *from, const char *piece,
                         const char *to)
{
    unsigned count = 0;
    const char *at = strstr(text_str(text), from), *end = at ? strstr(at, to) : NULL;
    while (at && (at = strstr(at, piece)) && at < end) {
        at++;
        count++;
    }
    return count;
}

/* People look for what is wrong: that comes first. */
static void test_no_more_endpoints_than_there_is_room_for(void **state)
{
    (void)state;
    take_many(LIVE_ENDPOINT_MAX + 9);
    admit_all();
    begin();
    assert_tells(&frame, "\"endpoint_count\":2009,");
    assert_tells(&frame, "\"endpoint_more\":9,");
    assert_tells(&frame, "\"endpoints\":{\"app i2008\":{");
    assert_tells(&frame, "\"why\":\"it is paused");
    assert_int_equal(count_of(&frame, "\"endpoints\":{", "\"id\":", "\"endpoint_numbers\""),
                     LIVE_ENDPOINT_MAX);
}

/* In turn: each object has the numbers of some. */
static void test_numbers_of_very_many(void **state)
{
    unsigned told = 0;
    (void)state;
    take_many(1000);
    admit_all();
    begin();
    pass_second(1); /* rates begin */
    for (unsigned second = 1; second <= 4; second++) {
        for (unsigned i = 0; i < 1000; i++) {
            char name[16];
            snprintf(name, sizeof(name), "n%04u", i);
            endpoint_count(&endpoint_of(name)->locals[0].answers[2], 1);
        }
        pass_second(1);
        unsigned count = count_of(&live.frame, "\"endpoint_numbers\":{", "\"requests\":", "}},");
        assert_int_equal(count, LIVE_ENDPOINT_TURNS);
        told += count;
    }
    assert_int_equal(told, 1000);
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
    endpoint_count(&endpoint_of("web1")->locals[0].answers[5], 5);
    pass_second(1);
    assert_tells(&live.frame, "\"totals\":{\"window_ms\":1000,\"rate\":40,\"rate_4xx\":0,"
                              "\"rate_5xx\":10,\"percent_5xx\":25,");
    assert_tells(&live.frame, "\"app 4f9cab\":{\"rate\":25,\"rate_5xx\":5,"
                              "\"percent_5xx\":20,\"requests\":25}}");
    pass_second(1);
    assert_tells(&live.frame, "\"window_ms\":2000,\"rate\":20,");
    begin(); /* a second one sees the same */
    assert_tells(&frame, "\"window_ms\":2000,\"rate\":20,");
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
    assert_tells(&live.frame, "\"window_ms\":10000,\"rate\":4,");
    pass_second(1);
    assert_tells(&live.frame, "\"window_ms\":10000,\"rate\":0,");
    assert_tells(&live.frame, "\"p50_ms\":null,");
    assert_tells(&live.frame, "\"requests\":40,"); /* what was ever counted stays */
    pass_second(1);
    assert_lacks(&live.frame, "\"totals\"");
}

static void answer(const char *name, unsigned count, uint64_t duration_ns)
{
    struct endpoint_local *local = &endpoint_of(name)->locals[0];
    endpoint_count(&local->answers[2], (int64_t)count);
    for (unsigned i = 0; i < count; i++)
        coarse_histogram_observe(&local->durations, duration_ns);
}

static void test_who_is_much_slower_than_the_others(void **state)
{
    (void)state;
    take_many(4);
    admit_all();
    begin();
    answer("n0000", 20, 2000000);
    answer("n0001", 20, 2000000);
    answer("n0002", 20, 200000000);
    pass_second(1);
    assert_tells(&live.frame, "\"app i0002\":{\"rate\":20,\"p50_ms\":300,\"p99_ms\":496,"
                              "\"outlier\":true,\"requests\":20}");
    assert_int_equal(count_of(&live.frame, "{", "outlier", "\n"), 1);
    for (unsigned second = 0; second < 11; second++)
        pass_second(1);
    begin();
    assert_lacks(&frame, "outlier");
}

static void test_nothing_is_kept_when_nobody_follows(void **state)
{
    (void)state;
    begin();
    begin(); /* one look is enough to begin with */
    assert_int_equal(live.window.count, 1);
    pass_second(1);
    assert_true(live.frame.len > 0 && live.window.count > 0 && live.differ.section_count > 0);
    assert_true(uv_is_active((uv_handle_t *)&live.second));
    pass_second(0);
    assert_int_equal(live.frame.len, 0);
    assert_int_equal(live.window.count, 0);
    assert_int_equal(live.differ.section_count, 0);
    assert_false(uv_is_active((uv_handle_t *)&live.second));
    begin();
    assert_true(uv_is_active((uv_handle_t *)&live.second));
    live_close(&live);
    live_close(&live);
}

/* The same endpoint in services of two kinds is one of each. */
static void test_services_of_tcp_and_udp(void **state)
{
    (void)state;
    take_listeners();
    pages.listeners = &listeners_all;
    struct service_local *db = use_kind("db", SERVICE_TCP);
    begin();
    counter_add(&service_passing(service_of(db), 0)->count, 5);
    counter_add(&service_passing(service_of(db), 0)->client_bytes, 1000);
    pass_second(1);
    service_release(db);
    assert_tells(&frame, "\"0.0.0.0:53/udp\":{\"protocol\":\"udp\",\"address\":\"0.0.0.0:53\","
                         "\"state\":\"open\"}");
    assert_tells(&frame, "\"state\":\"failed\",\"detail\":\"address already in use\"}");
    assert_tells(&frame, "\"db/tcp\":{\"name\":\"db\",\"kind\":\"tcp\",\"ready\":1,\"usable\":1,"
                         "\"endpoint_count\":2,");
    assert_tells(&frame, "\"idle/tcp\":{\"name\":\"idle\",\"kind\":\"tcp\",\"ready\":0,");
    assert_tells(&frame, "\"app web1:80\":{\"service\":\"app\",");
    assert_tells(&frame, "\"app/tcp web1:80\":{\"service\":\"app/tcp\",");
    assert_tells(&frame, "\"app/udp web1:53/udp\":{\"service\":\"app/udp\",");
    assert_tells(&live.frame, "\"db/tcp\":{\"open\":0,\"rate\":5,\"client_bytes_rate\":1000,"
                              "\"server_bytes_rate\":0,\"failed_rate\":0,\"waiting\":0,"
                              "\"protocol\":\"tcp\",\"connections\":{\"count\":5,");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_live, close_live)
    const struct CMUnitTest tests[] = {
        TEST(test_the_first_object_is_one_line_with_everything),
        TEST(test_before_there_is_a_pool),
        TEST(test_later_objects_have_what_changed),
        TEST(test_left_out),
        TEST(test_no_more_endpoints_than_there_is_room_for),
        TEST(test_numbers_of_very_many),
        TEST(test_rates_since_somebody_began_to_follow),
        TEST(test_rates_are_of_the_last_ten_seconds),
        TEST(test_who_is_much_slower_than_the_others),
        TEST(test_nothing_is_kept_when_nobody_follows),
        TEST(test_services_of_tcp_and_udp),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
