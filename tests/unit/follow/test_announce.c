/* What the log says of changes: their words, how many at once, and when a panic begins and ends. */
#include "lb/follow/announce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/log.h"
#include "tests/unit/support/said.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static uv_loop_t loop;
static struct announce announce;
static struct pool_service service;
static struct pool pool;
static enum protocol protocol;

static int open_announce(void **state)
{
    (void)state;
    uv_loop_init(&loop);
    announce_init(&announce, &loop);
    service = (struct pool_service){.name = "app", .ready_count = 2};
    pool = (struct pool){.services = &service, .service_count = 1};
    return 0;
}

static int close_announce(void **state)
{
    (void)state;
    announce_close(&announce);
    announce_close(&announce);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return 0;
}

static void note(const char *name, enum endpoint_state before, enum endpoint_state after,
                 const char *problem, const char *cause, uint64_t cause_time_ns)
{
    struct endpoint_options options = {.id = "1",
                                       .name = name,
                                       .service = "app",
                                       .protocol = protocol,
                                       .weight = 1,
                                       .worker_count = 1};
    assert_true(address_parse(VIEW("10.0.0.1:80"), &options.address));
    struct endpoint *endpoint = endpoint_new(&options);
    endpoint_set_state(endpoint, after);
    endpoint_note_problem(endpoint, problem);
    snprintf(endpoint->cause, sizeof(endpoint->cause), "%s", cause);
    endpoint->cause_time_ns = cause_time_ns;
    announce_note(&announce, endpoint, before);
    endpoint_unref(endpoint);
}

static void speak(const struct pool *before)
{
    said_begin();
    announce_speak(&announce, &pool, before);
    said_end();
}

static void test_words_of_a_change(void **state)
{
    static const struct {
        const char *name;
        enum endpoint_state before, after;
        const char *problem, *cause;
        uint64_t cause_time_ns;
        const char *want;
    } rows[] = {
        {"web", ENDPOINT_PROBING, ENDPOINT_READY, NULL, "", 0, " app: web ready, 2 endpoints\n"},
        {"web", ENDPOINT_PROBING, ENDPOINT_READY, NULL, "list", 0,
         " app: web ready, 2 endpoints, by list\n"},
        {"web", ENDPOINT_PROBING, ENDPOINT_READY, NULL, "start", 1, " ms after start\n"},
        {"web", ENDPOINT_PROBING, ENDPOINT_READY, NULL, "start", UINT64_MAX, ", by start\n"},
        {"web", ENDPOINT_READY, ENDPOINT_FAILING, "status 500", "start", 1,
         " app: web failing, 2 endpoints: status 500\n"},
        {"web", ENDPOINT_READY, ENDPOINT_GONE, "old", "die", 1, " app: web gone, 2 endpoints\n"},
        {"a\n\033[2J", ENDPOINT_READY, ENDPOINT_PAUSED, NULL, "", 0,
         " app: a\\x0a\\x1b[2J paused, 2 endpoints\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        note(rows[i].name, rows[i].before, rows[i].after, rows[i].problem, rows[i].cause,
             rows[i].cause_time_ns);
        speak(NULL);
        assert_said(rows[i].want);
        assert_int_equal(said_line_count(), 1);
        close_announce(state);
        open_announce(state);
    }
    service.ready_count = 1;
    note("web", ENDPOINT_READY, ENDPOINT_PAUSED, NULL, "", 0);
    speak(NULL);
    assert_said("web paused, 1 endpoint\n");
}

/* The kind of a service is told where there is another one of its name. */
static void test_kinds_are_told_where_there_are_several(void **state)
{
    struct pool_service services[] = {{.name = "app", .kind = SERVICE_HTTP, .ready_count = 1},
                                      {.name = "app", .kind = SERVICE_TCP, .ready_count = 2},
                                      {.name = "app", .kind = SERVICE_UDP, .ready_count = 3}};
    static const struct {
        unsigned first, count;
        enum protocol protocol;
        const char *want;
    } rows[] = {
        {0, 1, PROTOCOL_HTTP, " app: web paused, 1 endpoint\n"},
        {0, 3, PROTOCOL_HTTP, " app: web paused, 1 endpoint\n"},
        {0, 3, PROTOCOL_TCP, " app (tcp): web paused, 2 endpoints\n"},
        {0, 3, PROTOCOL_HTTPS, " app: web paused, 1 endpoint\n"},
        {0, 3, PROTOCOL_H2C, " app (tcp): web paused, 2 endpoints\n"},
        {1, 1, PROTOCOL_HTTPS, " app: web paused, 2 endpoints\n"},
        {0, 3, PROTOCOL_UDP, " app (udp): web paused, 3 endpoints\n"},
        {1, 1, PROTOCOL_HTTP, " app: web paused, 2 endpoints\n"},
        {1, 1, PROTOCOL_TCP, " app: web paused, 2 endpoints\n"},
        {2, 1, PROTOCOL_UDP, " app: web paused, 3 endpoints\n"},
        {2, 1, PROTOCOL_TCP, " app (tcp): web paused, 0 endpoints\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        pool = (struct pool){.services = services + rows[i].first, .service_count = rows[i].count};
        protocol = rows[i].protocol;
        note("web", ENDPOINT_READY, ENDPOINT_PAUSED, NULL, "", 0);
        speak(NULL);
        assert_said(rows[i].want);
    }
    protocol = PROTOCOL_HTTP;
    pool = (struct pool){.services = services, .service_count = 3};
    services[0].name = services[1].name = services[2].name = "dns";
    services[0].is_panicking = services[2].is_panicking = true;
    speak(NULL);
    assert_said(" dns: panic: ");
    assert_said(" dns (udp): panic: ");
    assert_int_equal(said_line_count(), 2);
}

/* It is only worth a word when it is in use. */
static void test_who_is_about_to_be_probed_is_not_news(void **state)
{
    (void)state;
    note("web", ENDPOINT_GONE, ENDPOINT_PROBING, NULL, "", 0);
    speak(NULL);
    assert_int_equal(said_line_count(), 0);
    note("web", ENDPOINT_READY, ENDPOINT_PROBING, NULL, "", 0); /* but so is one that was */
    speak(NULL);
    assert_int_equal(said_line_count(), 1);
}

static void test_not_too_much_at_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ANNOUNCE_LINES + 5; i++) {
        char name[16];
        snprintf(name, sizeof(name), "web%u", i);
        note(name, ENDPOINT_PROBING, ENDPOINT_READY, NULL, "", 0);
    }
    speak(NULL);
    assert_int_equal(said_line_count(), ANNOUNCE_LINES);
    said_begin();
    announce.second.timer_cb(&announce.second);
    said_end();
    assert_said("… and 5 more changes, the last one: app: web24 ready, 2 endpoints\n");
    assert_int_equal(said_line_count(), 1);
    note("web", ENDPOINT_PROBING, ENDPOINT_READY, NULL, "", 0); /* another second */
    speak(NULL);
    assert_int_equal(said_line_count(), 1);
}

static void test_what_is_left_is_said_at_the_end(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ANNOUNCE_LINES + 1; i++)
        note("web", ENDPOINT_PROBING, ENDPOINT_READY, NULL, "", 0);
    speak(NULL);
    said_begin();
    announce_close(&announce);
    said_end();
    assert_said("… and 1 more changes");
}

static void test_a_panic_that_begins_and_ends(void **state)
{
    static const struct {
        bool has_before, was, is;
        const char *says; /* "": nothing */
    } rows[] = {
        {false, false, false, ""}, {false, false, true, "app: panic: too few"},
        {true, false, true, ""}, /* the same words again, which the log counts */
        {true, true, true, ""},    {true, true, false, "app: the panic is over"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pool_service old = {.name = "app", .is_panicking = rows[i].was};
        struct pool before = {.services = &old, .service_count = 1};
        service.is_panicking = rows[i].is;
        speak(rows[i].has_before ? &before : NULL);
        assert_said(rows[i].says);
        assert_int_equal(said_line_count() > 0, *rows[i].says != '\0');
    }
}

/* 33 regexes of one container, or so many less. */
static struct route_table *make_regexes(unsigned count, const char *name)
{
    static char texts[40][16];
    static struct route routes[40];
    for (unsigned i = 0; i < count; i++) {
        snprintf(texts[i], sizeof(texts[i]), "^%u\n", i);
        routes[i] = (struct route){.host = {ROUTE_HOST_REGEX, view_str(texts[i])},
                                   .container = VIEW("c0ffee"),
                                   .name = view_str(name),
                                   .service = VIEW("app")};
    }
    return route_table_new(routes, count, NULL);
}

static void test_routes_that_do_not_fit_are_told_once(void **state)
{
    struct route_table *fits = make_regexes(32, "web"), *does_not = make_regexes(33, "web");
    struct route_table *nor_does = make_regexes(33, "other");
    struct pool before = {.routes.table = fits};
    (void)state;
    pool.routes.table = does_not;
    speak(&before);
    assert_said(
        "routes: 1 does not fit; the first: ~^32\\x0a of web is not served: the routes of one "
        "container may have 32 regexes");
    before.routes.table = does_not;
    pool.routes.table = nor_does;
    speak(&before);
    assert_int_equal(said_line_count(), 0);
    pool.routes.table = fits;
    speak(&before);
    assert_int_equal(said_line_count(), 0);
    route_table_unref(fits);
    route_table_unref(does_not);
    route_table_unref(nor_does);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_announce, close_announce)
    const struct CMUnitTest tests[] = {
        TEST(test_words_of_a_change),
        TEST(test_kinds_are_told_where_there_are_several),
        TEST(test_who_is_about_to_be_probed_is_not_news),
        TEST(test_not_too_much_at_once),
        TEST(test_what_is_left_is_said_at_the_end),
        TEST(test_a_panic_that_begins_and_ends),
        TEST(test_routes_that_do_not_fit_are_told_once),
    };
    log_open("lb", LOG_LEVEL_INFO, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
