/* Rates of routes: who asks too often, and what is told then. The simulated clients are 192.0.2.7. */
#include <stdlib.h>

#include "lb/proxy/filtering.h"
#include "tests/unit/proxy/proxy_case.h"

static struct world world;
static struct pretend_uv_wire *client;
static struct route_table *table;
static struct rate_table *rates;
static struct cidr trusted;

static void set_up_with(struct trust trust)
{
    struct env_options options = world_usual;
    rates = rate_table_new(7);
    options.exchange.rates = rates;
    options.front.trust = trust;
    world_open(&world, &options, "r");
    client = world_client(&world);
    table = NULL;
}

static int set_up(void **state)
{
    (void)state;
    set_up_with((struct trust){0});
    return 0;
}

static int set_up_trusting(void **state)
{
    (void)state;
    assert_true(cidr_parse(VIEW("192.0.2.0/24"), &trusted));
    set_up_with((struct trust){&trusted, 1});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    route_table_unref(table);
    rate_table_free(rates);
    return 0;
}

/* Routes for a.test and b.test, with that rate each. */
static void route_with(const char *rate)
{
    const struct route_option option = {ROUTE_OPTION_RATE, view_str(rate)};
    const struct route routes[] = {{.host = {ROUTE_HOST, VIEW("a.test")},
                                    .service = VIEW("appserver"),
                                    .options = &option,
                                    .option_count = 1},
                                   {.host = {ROUTE_HOST, VIEW("b.test")},
                                    .service = VIEW("appserver"),
                                    .options = &option,
                                    .option_count = 1}};
    struct route_table *before = table;
    world.routes = table = route_table_new(routes, 2, NULL);
    world_publish(&world, "r");
    route_table_unref(before);
}

/* The status; 200: a backend was asked. */
static int ask(const char *host, const char *fields)
{
    char request[400];
    snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: %s\r\n%s\r\n", host, fields);
    world_say(client, request);
    struct pretend_uv_wire *backend = world_backend(0);
    if (backend && world_hear(backend)[0])
        world_say(backend, OK);
    return atoi(world_hear(client) + 9);
}

static void test_too_often(void **state)
{
    (void)state;
    route_with("2/h");
    assert_int_equal(ask("a.test", ""), 200);
    assert_int_equal(ask("a.test", ""), 200);
    world_say(client, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    const char *heard = world_hear(client);
    assert_non_null(strstr(heard, "HTTP/1.1 429 Too Many Requests\r\n"));
    assert_non_null(strstr(heard, "\r\nRetry-After: 1800\r\n"));
    assert_end(&world, ERR_RATE);
    assert_int_equal(ask("b.test", ""), 200); /* each route has its own */
    assert_null(world_backend(1));
}

static void test_what_a_stranger_claims_does_not_help(void **state)
{
    (void)state;
    route_with("1/h");
    assert_int_equal(ask("a.test", "X-Forwarded-For: 203.0.113.1\r\n"), 200);
    assert_int_equal(ask("a.test", "X-Forwarded-For: 203.0.113.2\r\n"), 429);
    assert_int_equal(ask("a.test", "X-Real-IP: 203.0.113.3\r\n"), 429);
    assert_int_equal(ask("a.test", "Forwarded: for=203.0.113.4\r\n"), 429);
}

static void test_who_is_behind_a_trusted_proxy_counts_by_itself(void **state)
{
    (void)state;
    route_with("1/h");
    assert_int_equal(ask("a.test", "X-Forwarded-For: 203.0.113.1\r\n"), 200);
    assert_int_equal(ask("a.test", "X-Forwarded-For: 203.0.113.1\r\n"), 429);
    assert_int_equal(ask("a.test", "X-Forwarded-For: 203.0.113.2\r\n"), 200);
    assert_int_equal(ask("a.test", "X-Forwarded-For: 203.0.113.9, 203.0.113.2\r\n"), 429);
}

static void test_another_rate_begins_anew(void **state)
{
    (void)state;
    route_with("1/h");
    assert_int_equal(ask("a.test", ""), 200);
    assert_int_equal(ask("a.test", ""), 429);
    route_with("2/h");
    assert_int_equal(ask("a.test", ""), 200);
    assert_int_equal(ask("a.test", ""), 200);
    assert_int_equal(ask("a.test", ""), 429);
}

#define TEST(name)          cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_TRUSTING(name) cmocka_unit_test_setup_teardown(name, set_up_trusting, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_too_often),
        TEST(test_what_a_stranger_claims_does_not_help),
        TEST_TRUSTING(test_who_is_behind_a_trusted_proxy_counts_by_itself),
        TEST(test_another_rate_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
