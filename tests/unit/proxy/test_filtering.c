/* What routes ask for beside their service. The simulated world has endpoints of one service,
 * "appserver", and its clients are 192.0.2.7. */
#include "lb/proxy/filtering.h"

#include <stdlib.h>

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

static struct world world;
static struct pretend_uv_wire *client;
static struct route_table *table;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ASK_MAX      8u

static struct cidr trusted[2];

static void open_world(const struct env_options *options)
{
    world_open(&world, options, "r");
    client = world_client(&world);
    table = NULL;
}

static int set_up(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    assert_true(cidr_parse(VIEW("192.0.2.0/24"), &trusted[0]));
    assert_true(cidr_parse(VIEW("10.0.0.0/8"), &trusted[1]));
    options.exchange.max_body_bytes = 100;
    open_world(&options);
    return 0;
}

static int set_up_trusting(void **state)
{
    struct env_options options = world_usual;
    set_up(state);
    world_close(&world);
    options.front.trust = (struct trust){trusted, COUNT(trusted)};
    open_world(&options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    route_table_unref(table);
    return 0;
}

/* All requests go by a route with that option, of the host a.test. */
static void route_by(enum route_option_kind kind, const char *value)
{
    const struct route_option option = {kind, view_str(value)};
    const struct route route = {.host = {ROUTE_HOST, VIEW("a.test")},
                                .service = VIEW("appserver"),
                                .label = VIEW("the route"),
                                .options = &option,
                                .option_count = 1};
    struct text problem = TEXT_INIT;
    if (!route_check(&route, &problem))
        fail_msg("%s", text_str(&problem));
    text_fini(&problem);
    struct route_table *before = table;
    world.routes = table = route_table_new(&route, 1, NULL);
    world_publish(&world, "r");
    route_table_unref(before);
}

static void ask(const char *method, const char *target, const char *fields)
{
    struct text request = TEXT_INIT;
    text_appendf(&request, "%s %s HTTP/1.1\r\nHost: a.test\r\n%s\r\n", method, target, fields);
    world_say(client, text_str(&request));
    text_fini(&request);
}

/* The backend gets it. */
static const char *assert_goes_on(void)
{
    static char heard[4096];
    snprintf(heard, sizeof(heard), "%s", world_hear(world_backend(0)));
    if (heard[0] == '\0')
        fail_msg("nothing arrives, but %.300s", world_hear(client));
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    return heard;
}

/* ---- addresses ------------------------------------------------------------------------------- */

static void test_addresses(void **state)
{
    static const struct {
        enum route_option_kind kind;
        const char *ranges;
        bool is_let_in;
    } rows[] = {
        {ROUTE_OPTION_ALLOW, "192.0.2.0/24", true}, {ROUTE_OPTION_ALLOW, "10.0.0.0/8, ::/0", false},
        {ROUTE_OPTION_DENY, "192.0.2.7", false},    {ROUTE_OPTION_DENY, "10.0.0.0/8", true},
        {ROUTE_OPTION_ALLOW, "0.0.0.0/0", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        route_by(rows[i].kind, rows[i].ranges);
        ask("GET", "/", "X-Forwarded-For: 10.1.2.3\r\n");
        if (rows[i].is_let_in) {
            assert_goes_on();
        } else {
            assert_end(&world, ERR_FORBIDDEN);
            assert_status(client, "403");
        }
    }
}

static void test_addresses_behind_trusted_proxies(void **state)
{
    static const struct {
        const char *chain;
        bool is_let_in;
    } rows[] = {
        {"", false}, /* it is the proxy's own */
        {"X-Forwarded-For: 203.0.113.5\r\n", true},
        {"X-Forwarded-For: 203.0.113.5, 10.1.2.3\r\n", true},
        {"X-Forwarded-For: 203.0.113.5, 198.51.100.9, 10.1.2.3\r\n", false},
        {"X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-For: 198.51.100.9\r\n", false},
        {"X-Forwarded-For: 198.51.100.9,203.0.113.5:4711\r\n", true},
        {"X-Forwarded-For: 203.0.113.5, unknown\r\n", false},
        {"X-Forwarded-For: unknown, 203.0.113.5\r\n", true},
    };
    (void)state;
    route_by(ROUTE_OPTION_ALLOW, "203.0.113.0/24");
    for (size_t i = 0; i < COUNT(rows); i++) {
        ask("GET", "/", rows[i].chain);
        if (rows[i].is_let_in) {
            assert_goes_on();
        } else {
            assert_end(&world, ERR_FORBIDDEN);
            assert_status(client, "403");
        }
    }
}

/* ---- redirects ------------------------------------------------------------------------------- */

static void assert_redirected(const char *method, const char *target, const char *fields,
                              const char *status, const char *location)
{
    char want[300];
    ask(method, target, fields);
    snprintf(want, sizeof(want), "\r\nLocation: %s\r\n", location);
    const char *heard = world_hear(client);
    if (strncmp(heard + 9, status, 3) != 0 || !strstr(heard, want))
        fail_msg("%s %s: %.400s", method, target, heard);
    assert_int_equal(world.status, atoi(status));
}

static void test_redirects(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_REDIRECT, "301 https");
    assert_redirected("GET", "/x?y", "", "301", "https://a.test/x?y");
    assert_end(&world, ERR_MOVED);
    assert_redirected("HEAD", "/x?y", "", "301", "https://a.test/x?y");
    assert_redirected("POST", "/x", "", "308", "https://a.test/x");
    assert_end(&world, ERR_MOVED_FOR_GOOD);
    assert_redirected("GET", "/x", "X-Forwarded-Proto: https\r\n", "301", "https://a.test/x");
    ask("GET", "/.well-known/acme-challenge/abc", "");
    assert_goes_on();
    route_by(ROUTE_OPTION_REDIRECT, "https://b.test/new");
    assert_redirected("GET", "/x?y", "", "302", "https://b.test/new?y");
    assert_end(&world, ERR_FOUND);
    assert_redirected("PUT", "/x", "", "307", "https://b.test/new");
    assert_end(&world, ERR_ELSEWHERE);
    assert_null(world_backend(1));
}

static void test_a_redirect_that_leads_back_is_none(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_REDIRECT, "http://a.test/new");
    assert_redirected("GET", "/old", "", "302", "http://a.test/new");
    ask("GET", "/new", "");
    assert_goes_on();
}

static void test_by_a_regex(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_REDIRECT, "308 ~^http://a\\.test/old/(\\w+) https://b.test/new/$1");
    assert_redirected("GET", "/old/page?q", "", "308", "https://b.test/new/page?q");
    ask("GET", "/page", "");
    assert_goes_on();
    route_by(ROUTE_OPTION_REDIRECT, "~^http://a.test/go/(.*) https://b.test$1");
    ask("GET", "/go/.evil.test/", "");
    assert_end(&world, ERR_TARGET);
    assert_status(client, "400");
    route_by(ROUTE_OPTION_REDIRECT, "~/(a+)+$ /b");
    ask("GET", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", "");
    assert_end(&world, ERR_IN_DOUBT);
    assert_status(client, "503");
}

static void test_who_came_by_https_stays(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_REDIRECT, "https");
    ask("GET", "/", "X-Forwarded-Proto: https\r\n");
    assert_goes_on();
    ask("GET", "/", "X-Forwarded-Proto: WSS , http\r\n");
    assert_goes_on();
    assert_redirected("GET", "/", "X-Forwarded-Proto: http, https\r\n", "302", "https://a.test/");
}

#define TEST(name)          cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_TRUSTING(name) cmocka_unit_test_setup_teardown(name, set_up_trusting, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_addresses),  TEST_TRUSTING(test_addresses_behind_trusted_proxies),
        TEST(test_redirects),  TEST(test_a_redirect_that_leads_back_is_none),
        TEST(test_by_a_regex), TEST_TRUSTING(test_who_came_by_https_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
