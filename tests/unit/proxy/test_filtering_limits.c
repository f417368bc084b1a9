/* What routes allow and wait for, in place of the settings. */
#include "lb/proxy/filtering.h"

#include "tests/unit/proxy/filtering_case.h"

/* ---- limits ---------------------------------------------------------------------------------- */

static void test_bodies_beyond_the_limit_of_the_route(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_MAX_BODY, "10");
    ask("POST", "/", "Content-Length: 11\r\n");
    assert_end(&world, ERR_BODY_TOO_LARGE);
    assert_status(client, "413");
    assert_null(world_backend(0));
    client = world_client(&world);
    ask("POST", "/", "Transfer-Encoding: chunked\r\n");
    world_say(client, "5\r\nhello\r\n");
    assert_int_equal(world.record_count, 1);
    world_say(client, "6\r\n world\r\n");
    assert_end(&world, ERR_BODY_TOO_LARGE);
    assert_int_equal(world.record_count, 2);
}

static void test_a_route_may_allow_more_than_the_settings(void **state)
{
    static const char *const sizes[] = {"1k", "off"};
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        route_by(ROUTE_OPTION_MAX_BODY, sizes[i]);
        ask("POST", "/", "Content-Length: 101\r\n");
        world_say_filler(client, 101);
        assert_goes_on();
    }
    route_by(ROUTE_OPTION_ACCESS_LOG, "on");
    ask("POST", "/", "Content-Length: 101\r\n");
    assert_end(&world, ERR_BODY_TOO_LARGE);
}

static void test_deadlines_of_the_route(void **state)
{
    static const struct {
        const char *time;
        uint64_t ms; /* 0: none */
    } rows[] = {{"1s", 1000}, {"60s", 60000}, {"off", 0}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        route_by(ROUTE_OPTION_RESPONSE_TIMEOUT, rows[i].time);
        unsigned before = world.record_count;
        ask("GET", "/", "");
        pretend_uv_pass(rows[i].ms > 0 ? rows[i].ms - 1 : 120000);
        assert_int_equal(world.record_count, before);
        if (rows[i].ms > 0) {
            pretend_uv_pass(1 + DEADLINE_SLACK_MS);
            assert_end(&world, ERR_UPSTREAM_TIMEOUT);
        }
    }
}

/* A connection that is used again has the deadlines of who uses it. */
static void test_deadlines_are_those_of_the_request_alone(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_RESPONSE_TIMEOUT, "1s");
    ask("GET", "/", "");
    assert_goes_on();
    route_by(ROUTE_OPTION_BODY_TIMEOUT, "1s");
    ask("GET", "/", "");
    pretend_uv_pass(29000);
    assert_int_equal(world.record_count, 1);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
    pretend_uv_pass(1000 + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_UPSTREAM_STALLED);
    assert_null(world_backend(1));
}

static void test_retries_of_the_route(void **state)
{
    static const struct {
        const char *count;
        unsigned attempts;
    } rows[] = {{"0", 1}, {"1", 2}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned before = backend_count();
        route_by(ROUTE_OPTION_RETRIES, rows[i].count);
        world_publish(&world, "rrr");
        ask("GET", "/", "");
        for (unsigned at = before; world_backend(at); at++)
            world_reset(world_backend(at));
        assert_end(&world, ERR_UPSTREAM_RESET);
        assert_int_equal(world.attempt_count, rows[i].attempts);
        assert_status(client, "502");
    }
}

/* Nobody was troubled. */
static void test_who_refuses_does_not_count(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_RETRIES, "0");
    world_publish(&world, "rrr");
    pretend_uv.connects_at_once = false;
    ask("GET", "/", "");
    world_connect(world_backend(0), UV_ECONNREFUSED);
    world_connect(world_backend(1), UV_ECONNREFUSED);
    world_connect(world_backend(2), 0);
    world_say(world_backend(2), OK);
    assert_status(client, "200");
    pretend_uv.connects_at_once = true;
}

static void test_what_is_not_logged_is_counted(void **state)
{
    (void)state;
    route_by(ROUTE_OPTION_ACCESS_LOG, "off");
    ask("GET", "/", "");
    assert_goes_on();
    assert_int_equal(world.record_count, 0);
    assert_int_equal(world.env.metrics.ends[ERR_OK], 1);
    route_by(ROUTE_OPTION_ACCESS_LOG, "on");
    ask("GET", "/", "");
    assert_goes_on();
    assert_int_equal(world.record_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bodies_beyond_the_limit_of_the_route),
        TEST(test_a_route_may_allow_more_than_the_settings),
        TEST(test_deadlines_of_the_route),
        TEST(test_deadlines_are_those_of_the_request_alone),
        TEST(test_retries_of_the_route),
        TEST(test_who_refuses_does_not_count),
        TEST(test_what_is_not_logged_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
