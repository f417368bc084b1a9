/* Which service requests go to, and with which target they arrive. The simulated world has endpoints
 * of one service, "appserver". */
#include "lb/proxy/routing.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

static struct world world;
static struct pretend_uv_wire *client;
static struct route_table *table;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define APP          .service = VIEW("appserver")
#define HOST(text)   .host = {ROUTE_HOST, VIEW(text)}
#define PATH(text)   .path = {ROUTE_PATH, VIEW(text)}

static const struct route_condition beta = {ROUTE_HEADER, false, VIEW("X-Beta"), VIEW("1 2")};
static const struct route_condition near = {ROUTE_CLIENT, true, VIEW(""), VIEW("0.0.0.0/0")};
static const struct route_share there[] = {{VIEW("other"), 9}, {VIEW("appserver"), 1}};
static const struct route_share away[] = {{VIEW("other"), 9}, {VIEW("appserver"), 0}};
static const struct route_share nobody[] = {{VIEW("other"), 0}, {VIEW("appserver"), 0}};
static const struct route routes[] = {
    {HOST("there.test"), .service = VIEW("other"), .shares = there, .share_count = 2},
    {HOST("away.test"), .service = VIEW("other"), .shares = away, .share_count = 2},
    {HOST("none.test"), .service = VIEW("other"), .shares = nobody, .share_count = 2},
    {HOST("a.test"), APP},
    {HOST("a.test"), PATH("/other"), .service = VIEW("other")},
    {HOST("a.test"), PATH("/no"), .answer_status = 404},
    {HOST("a.test"), PATH("/out"), .answer_status = 503},
    {HOST("a.test"), PATH("/in"), .answer_status = 403},
    {HOST("strip.test"), PATH("/app"), .strip = VIEW("/app"), APP},
    {HOST("strip.test"), .path = {ROUTE_PATH_START, VIEW("/st")}, .strip = VIEW("/st"), APP},
    {HOST("strip.test"), .path = {ROUTE_PATH_EXACT, VIEW("/one")}, .strip = VIEW("/one"), APP},
    {HOST("strip.test"), .path = {ROUTE_PATH_REGEX, VIEW("^/v1$")}, .strip = VIEW("/v1"), APP},
    {HOST("strip.test"), PATH("/\xC3\xA4"), .strip = VIEW("/\xC3\xA4"), APP},
    {HOST("add.test"), .strip = VIEW("/x"), .add = VIEW("/base/"), APP},
    {HOST("cond.test"), .conditions = &beta, .condition_count = 1, APP},
    {HOST("far.test"), .conditions = &near, .condition_count = 1, APP},
    {HOST("doubt.test"), .path = {ROUTE_PATH_REGEX, VIEW("^/(a+)+$")}, .label = VIEW("the bomb"),
     APP},
    {HOST("doubt.test"), APP},
    {HOST("appserver"), .service = VIEW("other")},
    {HOST("*.test"), .priority = -1, PATH("/aaa"), APP},
};

static unsigned doubt_count;

static void count_doubt(struct view route)
{
    doubt_count += view_find(route, '(') >= 0;
}

static int set_up(void **state)
{
    (void)state;
    world_open(&world, &world_usual, "");
    table = route_table_new(routes, COUNT(routes), NULL);
    world.routes = table;
    world.env.on_doubt = count_doubt;
    doubt_count = 0;
    world_publish(&world, "r");
    client = world_client(&world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    route_table_unref(table);
    return 0;
}

static void ask(const char *method, const char *target, const char *host, const char *fields)
{
    struct text request = TEXT_INIT;
    text_appendf(&request, "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", method, target, host, fields);
    world_say(client, text_str(&request));
    text_fini(&request);
}

/* What the backend hears begins so. */
static void assert_arrives(const char *begin)
{
    const char *heard = world_hear(world_backend(0));
    if (strncmp(heard, begin, strlen(begin)) != 0)
        fail_msg("not %s but %.60s", begin, heard);
    world_say(world_backend(0), OK);
    assert_status(client, "200");
}

static void test_targets(void **state)
{
    static const char *const rows[][3] = {
        {"a.test", "/x?y", "GET /x?y HTTP"},
        {"a.test", "/%78", "GET /%78 HTTP"},
        {"a.test", "/x/../y%7Ez?..", "GET /y~z?.. HTTP"},
        {"a.test", "/x/../%C3%a4%2f", "GET /%C3%A4%2F HTTP"},
        {"a.test", "http://a.test/x/./y", "GET /x/y HTTP"},
        {"a.test", "http://a.test?q", "GET /?q HTTP"},
        {"strip.test", "/app/", "GET / HTTP"},
        {"strip.test", "/app/x/../y?q", "GET /y?q HTTP"},
        {"strip.test", "/%61pp/y", "GET /y HTTP"},
        {"strip.test", "/app//y", "GET //y HTTP"},
        {"strip.test", "/stx", "GET /x HTTP"},
        {"strip.test", "/one?q", "GET /?q HTTP"},
        {"strip.test", "/v1", "GET / HTTP"},
        {"strip.test", "/%c3%a4/%c3%b6", "GET /%C3%B6 HTTP"},
        {"add.test", "/y", "GET /base/y HTTP"},
        {"add.test", "/x/y", "GET /base/y HTTP"},
        {"there.test", "/%78/y", "GET /%78/y HTTP"},
        {"there.test", "/x/../y", "GET /y HTTP"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ask("GET", rows[i][1], rows[i][0], "");
        assert_arrives(rows[i][2]);
    }
}

static void test_long_paths(void **state)
{
    char target[3000] = "/app/./";
    (void)state;
    memset(target + 7, 'a', sizeof(target) - 8);
    ask("GET", target, "strip.test", "");
    assert_arrives("GET /aaaaaaa");
}

static void test_who_goes_nowhere(void **state)
{
    static const struct {
        const char *host, *target;
        enum err err;
    } rows[] = {
        {"b.test", "/", ERR_NO_ROUTE},          {"a.test", "/other/x", ERR_NO_ENDPOINT},
        {"a.test", "/no", ERR_NO_ROUTE},        {"a.test", "/out", ERR_NO_ENDPOINT},
        {"a.test", "/in/x", ERR_FORBIDDEN},     {"a.test", "/x/..%2Fy", ERR_TARGET},
        {"strip.test", "/app", ERR_SLASH},      {"strip.test", "/apple", ERR_NO_ROUTE},
        {"strip.test", "/st?q", ERR_SLASH},     {"cond.test", "/", ERR_NO_ROUTE},
        {"far.test", "/", ERR_NO_ROUTE},        {"a.test", "/x/..\\in", ERR_TARGET},
        {"a.test", "/x/..%5Cin", ERR_TARGET},   {"a.test", "/in/..%2f..%2fx", ERR_TARGET},
        {"a.test", "/in%2F%2e%2e", ERR_TARGET}, {"strip.test", "/app%2Fx", ERR_NO_ROUTE},
        {"strip.test", "/st../y", ERR_TARGET},  {"away.test", "/", ERR_NO_ENDPOINT},
        {"none.test", "/", ERR_NO_ENDPOINT},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ask("GET", rows[i].target, rows[i].host, "");
        assert_end(&world, rows[i].err);
        world_hear(client);
    }
    assert_null(world_backend(0));
}

static void test_where_the_bare_prefix_is_found(void **state)
{
    (void)state;
    ask("GET", "/app?x=y", "strip.test", "");
    const char *heard = world_hear(client);
    assert_non_null(strstr(heard, "308 Permanent Redirect\r\n"));
    assert_non_null(strstr(heard, "\r\nLocation: /app/?x=y\r\n"));
    ask("DELETE", "/app", "strip.test", "");
    assert_arrives("DELETE / HTTP");
}

static void test_fields_are_looked_at(void **state)
{
    (void)state;
    ask("GET", "/", "cond.test", "X-Other: 1\r\nX-BETA:  1 2 \r\n");
    assert_arrives("GET / HTTP");
    ask("OPTIONS", "*", "a.test", "");
    assert_arrives("OPTIONS * HTTP");
}

/* What is kept of the host before is not taken for another one. */
static void test_hosts_that_come_again_and_others(void **state)
{
    static const struct {
        const char *host;
        bool is_known;
    } rows[] = {
        {"a.test", true},  {"a.test", true},    {"b.test", false},  {"b.test", false},
        {"a.test", true},  {"a.test:80", true}, {"a.test:8", true}, {"a.tesu", false},
        {"A.TEST.", true}, {"a.test", true},    {"a.tes", false},   {"a.test", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ask("GET", "/x", rows[i].host, "");
        if (rows[i].is_known) {
            assert_arrives("GET /x HTTP");
        } else {
            assert_end(&world, ERR_NO_ROUTE);
            world_hear(client);
        }
    }
}

/* A backend gets the service for a Host then, which no route is to be found by. */
static void test_who_names_no_host_is_found_by_none(void **state)
{
    (void)state;
    world_say(client, "GET / HTTP/1.0\r\n\r\n");
    assert_end(&world, ERR_NO_ROUTE);
    world_say(world_client(&world), "GET http://appserver/ HTTP/1.0\r\n\r\n");
    assert_end(&world, ERR_NO_ENDPOINT);
    ask("GET", "/", "b.test", "");
    world_say(world_client(&world), "GET / HTTP/1.0\r\nHost: APPSERVER.:80\r\n\r\n");
    assert_end(&world, ERR_NO_ENDPOINT);
    assert_null(world_backend(0));
}

static void test_a_switch_goes_by_its_route(void **state)
{
    (void)state;
    ask("GET", "/app/ws?q", "strip.test", "Connection: upgrade\r\nUpgrade: x\r\n");
    const char *heard = world_hear(world_backend(0));
    assert_memory_equal(heard, "GET /ws?q HTTP/1.1\r\n", 20);
    assert_non_null(strstr(heard, "\r\nUpgrade: x\r\n"));
    world_say(world_backend(0), GOES);
    assert_status(client, "101");
    world_say(client, "up");
    assert_heard(world_backend(0), "up");
}

/* Who is not trusted says nothing of what was cut off before. */
static void test_the_prefix_is_what_this_route_has_cut_off(void **state)
{
    (void)state;
    ask("GET", "/app/y", "strip.test",
        "X-Forwarded-Prefix: /evil\r\nx_forwarded_prefix: /evil\r\n");
    const char *heard = world_hear(world_backend(0));
    assert_non_null(strstr(heard, "\r\nX-Forwarded-Prefix: /app\r\n"));
    assert_null(strstr(heard, "evil"));
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    ask("GET", "/y", "a.test", "X-Forwarded-Prefix: /evil\r\n");
    assert_null(strstr(world_hear(world_backend(0)), "Prefix"));
}

/* Its regex takes too many steps: no other route gets the request. */
static void test_a_route_in_doubt_is_refused(void **state)
{
    (void)state;
    ask("GET", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", "doubt.test", "");
    assert_end(&world, ERR_IN_DOUBT);
    const char *heard = world_hear(client);
    assert_memory_equal(heard, "HTTP/1.1 503", 12);
    assert_non_null(strstr(heard, "\r\nRetry-After: 1\r\n"));
    assert_int_equal(doubt_count, 1);
    assert_null(world_backend(0));
    ask("GET", "/b", "doubt.test", "");
    assert_arrives("GET /b HTTP");
    assert_int_equal(doubt_count, 1);
}

/* A route to this instead: the request waits, and nobody serves it any more. */
static void reroute(const struct route *route)
{
    world.routes = route_table_new(route, 1, NULL);
    world_publish(&world, "");
    route_table_unref(table);
    table = world.routes;
}

/* What the route did to its path is forgotten with the route. */
static void test_who_waits_goes_where_it_would_if_it_came_now(void **state)
{
    static const struct route whole = {HOST("strip.test"), APP};
    static const struct route none = {HOST("strip.test"), .answer_status = 404};
    (void)state;
    world.policy.hold_ms = 3000;
    world_publish(&world, "r");
    world_publish(&world, "");
    ask("GET", "/app/y", "strip.test", "");
    assert_int_equal(world.env.held_count, 1);
    reroute(&whole);
    assert_int_equal(world.env.held_count, 1);
    world_publish(&world, "r");
    assert_arrives("GET /app/y HTTP");
    world_publish(&world, "");
    ask("GET", "/app/y", "strip.test", "");
    assert_int_equal(world.env.held_count, 1);
    reroute(&none);
    assert_end(&world, ERR_NO_ROUTE);
    assert_status(client, "404");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_targets),
        TEST(test_long_paths),
        TEST(test_who_goes_nowhere),
        TEST(test_where_the_bare_prefix_is_found),
        TEST(test_fields_are_looked_at),
        TEST(test_hosts_that_come_again_and_others),
        TEST(test_who_names_no_host_is_found_by_none),
        TEST(test_a_switch_goes_by_its_route),
        TEST(test_the_prefix_is_what_this_route_has_cut_off),
        TEST(test_a_route_in_doubt_is_refused),
        TEST(test_who_waits_goes_where_it_would_if_it_came_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
