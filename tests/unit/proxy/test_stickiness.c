/* Who has been served comes back to the same endpoint, for as long as that can be asked. */
#include "lb/proxy/stickiness.h"

#include "tests/unit/proxy/choosing_case.h"

#define COOKIE_BYTES 128

/* The pair that the client was given last; "" when it was given none. `attributes` may be NULL. */
static void take_cookie(char cookie[COOKIE_BYTES], char attributes[COOKIE_BYTES])
{
    const char *heard = world_hear(client), *at = strstr(heard, "Set-Cookie: ");
    cookie[0] = '\0';
    if (!at)
        return;
    assert_null(strstr(at + 1, "Set-Cookie: "));
    assert_non_null(strstr(at, "\r\n\r\n"));
    struct view line = view_str(at + strlen("Set-Cookie: "));
    line = view_cut(&line, '\r');
    struct view pair = view_cut(&line, ';');
    snprintf(cookie, COOKIE_BYTES, "Cookie: %.*s\r\n", (int)pair.len, pair.ptr);
    if (attributes)
        snprintf(attributes, COOKIE_BYTES, "%.*s", (int)line.len, line.ptr);
}

/* A new client's. */
static unsigned begin(char cookie[COOKIE_BYTES])
{
    world_hear(client);
    unsigned endpoint = ask("");
    take_cookie(cookie, NULL);
    assert_non_null(strstr(cookie, "Cookie: lb_"));
    return endpoint;
}

static void assert_kept(const char *cookie, unsigned endpoint)
{
    char given[COOKIE_BYTES];
    world_hear(client);
    assert_int_equal(ask(cookie), endpoint);
    take_cookie(given, NULL);
    assert_string_equal(given, "");
}

/* Gives whom it leads to now. */
static unsigned assert_renewed(const char *cookie)
{
    char given[COOKIE_BYTES];
    world_hear(client);
    unsigned endpoint = ask(cookie);
    take_cookie(given, NULL);
    assert_string_not_equal(given, "");
    assert_string_not_equal(given, cookie);
    assert_kept(given, endpoint);
    return endpoint;
}

static uint64_t miss_count(void)
{
    struct traffic sum = {0};
    service_count(routes_service(&world.pool->routes), &sum);
    return counter_get(&sum.sticky_miss_count);
}

static void test_each_comes_back_to_its_own(void **state)
{
    char cookies[6][COOKIE_BYTES];
    unsigned endpoints[6];
    (void)state;
    open_balanced("sticky", "rrr");
    for (unsigned i = 0; i < 6; i++)
        endpoints[i] = begin(cookies[i]);
    for (unsigned i = 0; i < 12; i++)
        assert_kept(cookies[i % 6], endpoints[i % 6]);
    for (unsigned i = 0; i < 3; i++) /* one after the other */
        assert_int_equal(endpoints[i], endpoints[i + 3]);
    assert_int_equal(miss_count(), 0);
    world_close(&world);
}

static void test_it_is_set_while_there_is_only_one(void **state)
{
    char cookie[COOKIE_BYTES];
    (void)state;
    open_balanced("sticky", "r");
    unsigned endpoint = begin(cookie);
    world_publish(&world, "rrrr");
    for (unsigned i = 0; i < 8; i++)
        assert_kept(cookie, endpoint);
    world_close(&world);
}

static void test_the_backend_does_not_see_it(void **state)
{
    char cookie[COOKIE_BYTES], fields[256], heard[1024];
    (void)state;
    open_balanced("sticky", "rr");
    begin(cookie);
    cookie[strlen(cookie) - 2] = '\0';
    snprintf(fields, sizeof(fields), "%s; a=1\r\nB: 2\r\n", cookie);
    ask_for(fields, OK, heard);
    assert_non_null(strstr(heard, "\r\nCookie: a=1\r\n"));
    assert_non_null(strstr(heard, "\r\nB: 2\r\n"));
    assert_null(strstr(heard, "lb_"));
    world_close(&world);
}

/* Those that stem from another path or domain, or from an endpoint that is gone, come along. */
static void test_of_several_the_first_good_one_counts(void **state)
{
    char cookies[2][COOKIE_BYTES], stale[COOKIE_BYTES], fields[512], heard[1024];
    unsigned endpoints[2];
    (void)state;
    open_balanced("sticky", "rr");
    for (unsigned i = 0; i < 2; i++)
        endpoints[i] = begin(cookies[i]);
    snprintf(stale, sizeof(stale), "%s", cookies[0]);
    memset(strchr(stale, '=') + 1, 'x', strcspn(strchr(stale, '=') + 1, "\r"));
    for (unsigned i = 0; i < 4; i++) {
        snprintf(fields, sizeof(fields), "%s%s%s", stale, cookies[i % 2], cookies[1 - i % 2]);
        assert_kept(fields, endpoints[i % 2]);
    }
    assert_int_equal(miss_count(), 0);
    ask_for(fields, OK, heard);
    assert_null(strstr(heard, "lb_"));
    world_close(&world);
}

static void test_one_that_drains_keeps_its_own_and_gets_no_others(void **state)
{
    char cookie[COOKIE_BYTES];
    (void)state;
    open_balanced("sticky", "rrr");
    unsigned endpoint = begin(cookie);
    assert_int_equal(endpoint, 1);
    world_publish(&world, "drr");
    for (unsigned i = 0; i < 6; i++) {
        char others[COOKIE_BYTES];
        assert_int_not_equal(begin(others), endpoint);
        assert_kept(cookie, endpoint);
    }
    world_publish(&world, "rrr");
    assert_kept(cookie, endpoint);
    world_close(&world);
}

/* Gone, paused, unhealthy; and when it is back, who has kept the cookie is led there again. */
static void test_one_that_cannot_be_asked_loses_them_until_it_is_back(void **state)
{
    static const char *const away[] = {"grr", "prr", "urr"};
    (void)state;
    for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
        char cookie[COOKIE_BYTES];
        open_balanced("sticky", "rrr");
        assert_int_equal(begin(cookie), 1);
        world_publish(&world, away[i]);
        assert_int_not_equal(assert_renewed(cookie), 1);
        assert_int_equal(miss_count(), 1);
        world_publish(&world, "rrr");
        assert_kept(cookie, 1);
        world_close(&world);
    }
}

/* It says it is there, and refuses: nobody's request fails for it. */
static void test_one_that_refuses_is_left(void **state)
{
    char cookie[COOKIE_BYTES], given[COOKIE_BYTES], request[256];
    (void)state;
    open_balanced("sticky", "rr");
    unsigned endpoint = begin(cookie);
    world_end(world_backend(0)); /* its idle connection */
    pretend_uv.connects_at_once = false;
    world_hear(client);
    snprintf(request, sizeof(request), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n%s\r\n",
             cookie);
    world_say(client, request);
    unsigned last = backend_count() - 1;
    assert_int_equal(endpoint_of(world_backend(last)), endpoint);
    world_connect(world_backend(last), UV_ECONNREFUSED);
    last = backend_count() - 1;
    assert_int_not_equal(endpoint_of(world_backend(last)), endpoint);
    world_connect(world_backend(last), 0);
    world_say(world_backend(last), OK);
    take_cookie(given, NULL);
    assert_string_not_equal(given, "");
    assert_string_not_equal(given, cookie);
    world_close(&world);
}

static void test_what_strangers_make_up_leads_nowhere(void **state)
{
    static const char *const values[] = {
        "", "1", "00000000000000000000000000000000", "\xFF\xFF", "10.0.0.1:80",
    };
    char cookie[COOKIE_BYTES];
    (void)state;
    open_balanced("sticky", "rrr");
    begin(cookie);
    *strchr(cookie, '=') = '\0';
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char fields[COOKIE_BYTES + 64];
        snprintf(fields, sizeof(fields), "%s=%s\r\n", cookie, values[i]);
        assert_renewed(fields);
    }
    world_close(&world);
}

static void check_attributes(const char *sticky, const char *fields, const char *want)
{
    char cookie[COOKIE_BYTES], attributes[COOKIE_BYTES];
    static struct cidr all;
    struct env_options options = world_usual;
    assert_true(cidr_parse(VIEW("0.0.0.0/0"), &all));
    options.front.trust = (struct trust){.cidrs = &all, .count = 1};
    world_open(&world, &options, "");
    world.policy.balance.is_sticky = 1;
    assert_int_equal(sticky_rule_parse(view_str(sticky), &world.policy.sticky), sticky[0] != '\0');
    world_publish(&world, "r");
    client = world_client(&world);
    ask(fields);
    take_cookie(cookie, attributes);
    assert_string_equal(attributes, want);
    world_close(&world);
}

static void test_attributes(void **state)
{
    (void)state;
    check_attributes("", "", " Path=/; HttpOnly; SameSite=Lax");
    check_attributes("", "X-Forwarded-Proto: https\r\n", " Path=/; HttpOnly; SameSite=Lax; Secure");
    check_attributes("secure samesite=strict max-age=1h domain=a.test path=/x", "",
                     " Path=/x; HttpOnly; SameSite=Strict; Secure; Max-Age=3600; Domain=a.test");
}

static void test_a_tunnel_gets_it_too(void **state)
{
    char cookie[COOKIE_BYTES];
    (void)state;
    open_balanced("sticky", "rr");
    ask_for("Connection: upgrade\r\nUpgrade: x\r\n", GOES, NULL);
    take_cookie(cookie, NULL);
    assert_string_not_equal(cookie, "");
    world_close(&world);
}

static void test_those_without_one_go_by_the_algorithm(void **state)
{
    char cookie[COOKIE_BYTES];
    (void)state;
    open_balanced("sticky least-requests", "rr");
    unsigned endpoint = begin(cookie);
    world_say(client, GET); /* to the other one; it does not answer */
    client = world_client(&world);
    for (unsigned i = 0; i < 4; i++) {
        char others[COOKIE_BYTES];
        assert_int_equal(begin(others), endpoint);
    }
    world_close(&world);
}

/* The service has no weight, and the other one no server: whoever is new goes nowhere. */
static void test_a_share_moves_nobody_who_has_a_session(void **state)
{
    static const struct route_share shares[] = {{VIEW("other"), 9}, {VIEW("appserver"), 0}};
    static const struct route route = {.host = {ROUTE_HOST, VIEW("a")},
                                       .service = VIEW("other"),
                                       .shares = shares,
                                       .share_count = 2};
    char cookie[COOKIE_BYTES];
    (void)state;
    open_balanced("sticky", "rr");
    unsigned endpoint = begin(cookie);
    struct route_table *table = world.routes = route_table_new(&route, 1, NULL);
    world_publish(&world, "rr");
    assert_kept(cookie, endpoint);
    world_publish(&world, endpoint == 1 ? "dr" : "rd");
    assert_kept(cookie, endpoint);
    world_hear(client);
    assert_int_equal(ask(""), 0);
    assert_heard(client, " 503 ");
    world_publish(&world, endpoint == 1 ? "pr" : "rp");
    assert_int_equal(ask(cookie), 0);
    assert_heard(client, " 503 ");
    world_close(&world);
    route_table_unref(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_comes_back_to_its_own),
        cmocka_unit_test(test_it_is_set_while_there_is_only_one),
        cmocka_unit_test(test_the_backend_does_not_see_it),
        cmocka_unit_test(test_of_several_the_first_good_one_counts),
        cmocka_unit_test(test_one_that_drains_keeps_its_own_and_gets_no_others),
        cmocka_unit_test(test_one_that_cannot_be_asked_loses_them_until_it_is_back),
        cmocka_unit_test(test_one_that_refuses_is_left),
        cmocka_unit_test(test_what_strangers_make_up_leads_nowhere),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_a_tunnel_gets_it_too),
        cmocka_unit_test(test_those_without_one_go_by_the_algorithm),
        cmocka_unit_test(test_a_share_moves_nobody_who_has_a_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
