/* Who is let in, where requests are sent, with which path and fields they arrive, and answers leave. */
#include "lb/proxy/filtering.h"

#include "tests/unit/proxy/filtering_case.h"

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

/* ---- conditions ------------------------------------------------------------------------------ */

/* By the client's address, not by its proxy's. */
static void test_routes_for_clients_behind_proxies(void **state)
{
    const struct route_condition near = {ROUTE_CLIENT, false, VIEW(""), VIEW("203.0.113.0/24")};
    const struct route route = {
        .service = VIEW("appserver"), .conditions = &near, .condition_count = 1};
    (void)state;
    world.routes = table = route_table_new(&route, 1, NULL);
    world_publish(&world, "r");
    ask("GET", "/", "X-Forwarded-For: 203.0.113.5\r\n");
    assert_goes_on();
    ask("GET", "/", "X-Forwarded-For: 203.0.113.5, 198.51.100.1\r\n");
    assert_end(&world, ERR_NO_ROUTE);
}

/* ---- paths and fields ------------------------------------------------------------------------ */

static void test_paths_are_replaced(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_REPLACE_PATH, "/new");
    ask("GET", "/old/x?y", "");
    assert_begins(assert_goes_on(), "GET /new?y HTTP/1.1\r\n");
    route_by(ROUTE_OPTION_REPLACE_PATH, "~^/old/(.*) /\xC3\xA4/$1");
    ask("GET", "/old/%C3%a4?y=%20", "");
    const char *heard = assert_goes_on();
    assert_begins(heard, "GET /%C3%A4/%C3%A4?y=%20 HTTP/1.1\r\n");
    assert_null(strstr(heard, "Prefix"));
    ask("OPTIONS", "*", "");
    assert_begins(assert_goes_on(), "OPTIONS * HTTP/1.1\r\n");
    route_by(ROUTE_OPTION_REPLACE_PATH, "~^/old(.*) $1");
    ask("GET", "/old../x", "");
    assert_end(&world, ERR_TARGET);
    assert_status(client, "400");
}

/* A replaced path is cut and put behind another one as any. */
static void test_a_replaced_path_is_cut_and_added_to(void **state)
{
    const struct route_option option = {ROUTE_OPTION_REPLACE_PATH, VIEW("~^/v\\d /app")};
    const struct route route = {.service = VIEW("appserver"),
                                .strip = VIEW("/app"),
                                .add = VIEW("/base"),
                                .options = &option,
                                .option_count = 1};
    (void)state;
    world.routes = table = route_table_new(&route, 1, NULL);
    world_publish(&world, "r");
    ask("GET", "/v1/x?y", "");
    const char *heard = assert_goes_on();
    assert_begins(heard, "GET /base/x?y HTTP/1.1\r\n");
    assert_non_null(strstr(heard, "\r\nX-Forwarded-Prefix: /app\r\n"));
    ask("GET", "/v1", "");
    assert_begins(assert_goes_on(), "GET /base/ HTTP/1.1\r\n");
}

static void test_fields_of_requests(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_REQUEST_HEADERS,
             "Host: b.test | X-Forwarded-Proto: https | remove Cookie | add X-A: 2 | X-B: 2");
    ask("GET", "/", "Cookie: a\r\nCOOKIE: b\r\nX-A: 1\r\nX-B: 1\r\n");
    const char *heard = assert_goes_on();
    assert_begins(heard, "GET / HTTP/1.1\r\n");
    assert_null(strstr(heard, "ookie"));
    assert_null(strstr(heard, "COOKIE"));
    assert_null(strstr(heard, "\r\nHost: a.test\r\n"));
    assert_non_null(strstr(heard, "\r\nX-A: 1\r\n"));
    assert_non_null(strstr(heard, "\r\nX-Forwarded-Host: a.test\r\n"));
    assert_null(strstr(heard, "\r\nX-Forwarded-Proto: http\r\n"));
    assert_non_null(strstr(heard, "\r\nHost: b.test\r\nX-Forwarded-Proto: https\r\nX-A: 2\r\n"
                                  "X-B: 2\r\n\r\n"));
}

static void test_fields_of_answers(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_RESPONSE_HEADERS, "remove Server | X-A: 2 | add X-B: 2");
    ask("GET", "/", "");
    world_hear(world_backend(0));
    world_say(world_backend(0), "HTTP/1.1 103 Early\r\nServer: s\r\n\r\n");
    assert_heard(client, "HTTP/1.1 103 Early\r\nServer: s\r\n\r\n");
    world_say(world_backend(0),
              "HTTP/1.1 200 OK\r\nServer: s\r\nX-A: 1\r\nX-B: 1\r\n"
              "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nServer: t\r\n\r\n");
    const char *heard = world_hear(client);
    assert_begins(heard, "HTTP/1.1 200 OK\r\nX-B: 1\r\nDate: ");
    assert_non_null(
        strstr(heard, "GMT\r\nTransfer-Encoding: chunked\r\nX-A: 2\r\nX-B: 2\r\n\r\n2\r\nok"));
    assert_null(strstr(heard, "Server: s"));
    ask("GET", "/", "Connection: upgrade\r\nUpgrade: x\r\n");
    world_hear(world_backend(0));
    world_say(world_backend(0), "HTTP/1.1 101 Go\r\nServer: s\r\nConnection: upgrade\r\nUpgrade: "
                                "x\r\n\r\n");
    assert_begins(world_hear(client), "HTTP/1.1 101 Go\r\nServer: s\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_addresses),
        TEST_TRUSTING(test_addresses_behind_trusted_proxies),
        TEST(test_redirects),
        TEST(test_a_redirect_that_leads_back_is_none),
        TEST(test_by_a_regex),
        TEST_TRUSTING(test_who_came_by_https_stays),
        TEST_TRUSTING(test_routes_for_clients_behind_proxies),
        TEST(test_paths_are_replaced),
        TEST(test_a_replaced_path_is_cut_and_added_to),
        TEST(test_fields_of_requests),
        TEST(test_fields_of_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
