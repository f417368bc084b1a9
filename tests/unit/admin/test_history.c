/* Ten minutes of each service: rates, errors and latencies of every five seconds; what found no place. */
#include "lb/admin/history.h"

#include "tests/unit/admin/listeners_case.h"

static struct history history;
static struct recent recent;
static uint64_t now_ms;
static struct text page;

static const struct pool *pool_of(const void *owner)
{
    (void)owner;
    return publisher.pool;
}

static int open_history(void **state)
{
    open_publisher(state);
    history_init(&history, &loop, pool_of, NULL, NULL);
    recent = (struct recent){0};
    page = (struct text)TEXT_INIT;
    now_ms = history.sample_ms;
    return 0;
}

static int close_history(void **state)
{
    history_close(&history);
    history_close(&history);
    recent_fini(&recent);
    text_fini(&page);
    return close_publisher(state);
}

static void step(void)
{
    now_ms += HISTORY_STEP_MS;
    history_take(&history, publisher.pool, now_ms);
}

/* The last `count` values of that line of that service. */
static void assert_line(const char *service, const char *line, const char *want)
{
    char key[64];
    text_clear(&page);
    history_write(&history, &recent, &page);
    snprintf(key, sizeof(key), "\"%s\":{\"rate\":", service);
    const char *at = strstr(text_str(&page), key);
    if (!at)
        fail_msg("no %s in %s", service, text_str(&page));
    snprintf(key, sizeof(key), "\"%s\":[", line);
    at = strstr(at, key);
    const char *end = strchr(at, ']');
    char got[32] = "";
    snprintf(got, sizeof(got), "%.*s", (int)strlen(want), end - strlen(want));
    assert_string_equal(got, want);
}

static void test_rates_errors_and_latencies(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    struct service_local *app = use_kind("app", SERVICE_HTTP);
    traffic_count(&app->traffic, VIEW("GET"), 200); /* before the first sample: it has just come */
    step();
    assert_line("app", "rate", "null,0.2");
    for (unsigned i = 0; i < 100; i++) {
        traffic_count(&app->traffic, VIEW("GET"), i < 90 ? 200 : 502);
        histogram_observe(&app->traffic.durations, 2500000);
    }
    step();
    assert_line("app", "rate", "null,0.2,20");
    assert_line("app", "rate_5xx", "0,2");
    assert_line("app", "p99_ms", "null,2.48");
    step();
    assert_line("app", "rate", "0.2,20,0");
    assert_line("app", "p99_ms", "2.48,null");
    service_release(app);
}

static void test_ten_minutes_stay(void **state)
{
    (void)state;
    take_line(site_line);
    struct service_local *app = use_kind("app", SERVICE_HTTP);
    for (unsigned i = 0; i <= HISTORY_SAMPLE_COUNT; i++) {
        for (unsigned n = 0; n < i * 5; n++)
            traffic_count(&app->traffic, VIEW("GET"), 200);
        step();
    }
    assert_line("app", "rate", "118,119,120");
    assert_non_null(strstr(text_str(&page), "\"rate\":[1,2,3,"));
    service_release(app);
}

/* Of TCP: connections, and those that failed. */
static void test_connections(void **state)
{
    (void)state;
    take_listeners();
    struct service_local *db = use_kind("db", SERVICE_TCP);
    step();
    counter_add(&service_passing(service_of(db), 0)->count, 50);
    counter_add(&service_passing(service_of(db), 0)->ends[ERR_REFUSED], 5);
    counter_add(&service_passing(service_of(db), 0)->ends[ERR_IDLE], 5);
    step();
    assert_line("db/tcp", "rate", "0,10");
    assert_line("db/tcp", "rate_5xx", "0,1");
    assert_line("db/tcp", "p99_ms", "null,null");
    service_release(db);
}

/* Its name stays for ten minutes; if it comes back it goes on, though its counts begin anew. */
static void test_who_goes_and_comes_back(void **state)
{
    (void)state;
    take_line(site_line);
    struct service_local *app = use_kind("app", SERVICE_HTTP);
    for (unsigned i = 0; i < 10; i++)
        traffic_count(&app->traffic, VIEW("GET"), 200);
    service_release(app);
    step();
    struct pool *before = publisher.pool;
    publisher.pool = NULL;
    step();
    assert_line("app", "rate", "2,null");
    publisher.pool = before;
    step();
    assert_line("app", "rate", "2,null,0");
    publisher.pool = NULL;
    for (unsigned i = 0; i < HISTORY_SAMPLE_COUNT; i++)
        step();
    assert_int_equal(history.count, 0);
    publisher.pool = before;
}

static void fill_line(struct text *line, unsigned count)
{
    text_append_str(line, "{\"v\":2,\"left_out\":[],\"services\":[],\"routes\":[");
    for (unsigned i = 0; i < count; i++)
        text_appendf(line, "%s{\"service\":\"s%03u\",\"host\":\"h%u.test\"}", i ? "," : "", i, i);
    text_append_str(line, "]}");
}

/* Who has had more in all has the place of who has had least. */
static void test_the_busiest_have_places(void **state)
{
    struct text line = TEXT_INIT;
    (void)state;
    fill_line(&line, HISTORY_SERVICE_MAX + 7);
    take_line(text_str(&line));
    text_fini(&line);
    step();
    assert_int_equal(history.count, HISTORY_SERVICE_MAX);
    assert_int_equal(history.more_count, 7);
    struct service *late = publisher.pool->routes.targets[HISTORY_SERVICE_MAX + 5].service;
    struct service_local *local = service_use(late, 0, publisher.pool->policy);
    for (unsigned i = 0; i < 10; i++)
        traffic_count(&local->traffic, VIEW("GET"), 200);
    step();
    assert_int_equal(history.count, HISTORY_SERVICE_MAX);
    assert_line(late->name, "rate", "null,null"); /* its counts are older */
    traffic_count(&local->traffic, VIEW("GET"), 200);
    step();
    assert_line(late->name, "rate", "null,0.2");
    assert_non_null(strstr(text_str(&page), "\"service_more\":7,"));
    service_release(local);
}

/* One that was there all the time has not had all that it ever had in the last five seconds. */
static void test_who_finds_a_place_late(void **state)
{
    struct service_local *locals[HISTORY_SERVICE_MAX + 1];
    struct text line = TEXT_INIT;
    (void)state;
    fill_line(&line, HISTORY_SERVICE_MAX + 1);
    take_line(text_str(&line));
    text_fini(&line);
    for (unsigned i = 0; i <= HISTORY_SERVICE_MAX; i++) {
        locals[i] =
            service_use(publisher.pool->routes.targets[i].service, 0, publisher.pool->policy);
        traffic_count(&locals[i]->traffic, VIEW("GET"), 200);
    }
    step();
    assert_int_equal(history.more_count, 1);
    const char *last = service_of(locals[HISTORY_SERVICE_MAX])->name;
    struct pool_wanted wanted = {.routed = last, .is_trusted = true};
    struct pool *before = publisher.pool;
    publisher.pool = pool_build(before, &wanted, &(struct pool_rules){.worker_count = 1});
    pool_build_settle(publisher.pool, before, ignore_change, NULL);
    pool_unref(before);
    for (unsigned i = 0; i < HISTORY_SAMPLE_COUNT; i++)
        step();
    assert_int_equal(history.count, 0); /* all others are gone for ten minutes */
    step();
    step();
    assert_line(last, "rate", "null,null,0");
    for (unsigned i = 0; i <= HISTORY_SERVICE_MAX; i++)
        service_release(locals[i]);
}

static void test_what_events_say(void **state)
{
    struct live_differ differ = {0};
    struct text all = TEXT_INIT;
    (void)state;
    take_line(site_line);
    step();
    live_differ_begin(&differ);
    history_look(&history, &differ);
    live_differ_append_all(&differ, &all);
    assert_text(&all, "\"history\":{\"number\":1},"
                      "\"sample\":{\"app\":{\"rate\":0,\"rate_5xx\":0,\"p99_ms\":null}}");
    live_differ_fini(&differ);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_history, close_history)
    const struct CMUnitTest tests[] = {
        TEST(test_rates_errors_and_latencies),
        TEST(test_ten_minutes_stay),
        TEST(test_connections),
        TEST(test_who_goes_and_comes_back),
        TEST(test_the_busiest_have_places),
        TEST(test_who_finds_a_place_late),
        TEST(test_what_events_say),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
