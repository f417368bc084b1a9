/* After 101: bytes both ways, and an end only when both sides have said their last. */
#include "lb/proxy/tunnel.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

static struct world world;
static struct pretend_uv_wire *client, *backend;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, &world_usual, "r");
    client = world_client(&world);
    world_say(client, ASKS);
    backend = world_backend(0);
    world_hear(backend);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static void go(void)
{
    world_say(backend, GOES);
    assert_status(client, "101");
}

static void test_bytes_go_both_ways_untouched(void **state)
{
    (void)state;
    go();
    world_say(client, "GET / HTTP/1.1\r\n\r\n\x01");
    assert_string_equal(world_hear(backend), "GET / HTTP/1.1\r\n\r\n\x01");
    world_say(backend, "HTTP/1.1 200 OK\r\n\r\n");
    assert_string_equal(world_hear(client), "HTTP/1.1 200 OK\r\n\r\n");
}

static void test_bytes_behind_the_101_belong_to_the_tunnel(void **state)
{
    (void)state;
    world_say(client, "early");
    assert_silent(backend);
    world_say(backend, GOES "first");
    assert_heard(client, "\r\n\r\nfirst");
    assert_string_equal(world_hear(backend), "early");
}

static void test_each_side_may_end_first(void **state)
{
    (void)state;
    go();
    world_end(client);
    assert_word(backend, "fin");
    world_say(backend, "still here");
    assert_string_equal(world_hear(client), "still here");
    assert_int_equal(world.record_count, 0);
    world_end(backend);
    assert_word(client, "closed");
    assert_word(backend, "closed");
    assert_end(&world, ERR_OK);
}

static void test_the_backend_may_end_first(void **state)
{
    (void)state;
    go();
    world_end(backend);
    assert_word(client, "fin");
    world_say(client, "still here");
    assert_string_equal(world_hear(backend), "still here");
    world_end(client);
    assert_word(backend, "closed");
    assert_end(&world, ERR_OK);
}

static void test_the_backend_gets_all_before_it_is_over(void **state)
{
    (void)state;
    go();
    backend->room = 3;
    world_say(client, "abcdef");
    world_end(client);
    world_end(backend);
    assert_int_equal(world.record_count, 0);
    world_take(backend, 10);
    assert_string_equal(world_hear(backend), "abcdef");
    assert_end(&world, ERR_OK);
    assert_int_equal(world.record_count, 1);
}

static void test_silence_ends_it_and_a_word_of_either_side_puts_that_off(void **state)
{
    (void)state;
    go();
    for (unsigned i = 0; i < 4; i++) {
        pretend_uv_pass(world_usual.policy.tunnel_timeout_ms - DEADLINE_SLACK_MS);
        world_say(i & 1 ? client : backend, "x");
        assert_word(client, "open");
    }
    pretend_uv_pass(world_usual.policy.tunnel_timeout_ms + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_TUNNEL_IDLE);
    assert_word(backend, "closed");
}

static void test_pressure_in_a_tunnel(void **state)
{
    (void)state;
    go();
    client->room = 0;
    world_say_filler(backend, 900000);
    assert_in_range(backend->read_at, 1, 300000);
    world_take(client, WORLD_ROOM);
    assert_int_equal(backend->read_at, backend->sent.len);
    backend->room = 0;
    world_say_filler(client, 900000);
    assert_in_range(client->read_at, 1, 300000);
    world_take(backend, WORLD_ROOM);
    assert_int_equal(client->read_at, client->sent.len);
}

static void test_a_side_that_has_taken_all_is_not_waited_for(void **state)
{
    (void)state;
    go();
    backend->room = 0;
    world_say(client, "abc");
    world_take(backend, WORLD_ROOM);
    for (unsigned i = 0; i < 3; i++)
        pretend_uv_pass(world_usual.policy.wait_ms[WAIT_BODY] + DEADLINE_SLACK_MS);
    assert_int_equal(world.record_count, 0);
}

static void test_a_side_that_takes_little_is_waited_for(void **state)
{
    (void)state;
    go();
    client->room = 0;
    world_say(backend, "abcdef");
    for (unsigned i = 0; i < 4; i++) {
        pretend_uv_pass(world_usual.policy.tunnel_timeout_ms - DEADLINE_SLACK_MS);
        world_take(client, 1);
    }
    assert_int_equal(world.record_count, 0);
}

static void test_a_backend_that_takes_nothing_is_given_up(void **state)
{
    (void)state;
    go();
    backend->room = 0;
    world_say(client, "abc");
    pretend_uv_pass(world_usual.policy.wait_ms[WAIT_BODY] - DEADLINE_SLACK_MS);
    assert_int_equal(world.record_count, 0);
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
    assert_end(&world, ERR_UPSTREAM_STALLED);
}

static void test_a_client_that_takes_nothing_is_given_up(void **state)
{
    (void)state;
    go();
    client->room = 0;
    world_say(backend, "abc");
    pretend_uv_pass(world_usual.policy.tunnel_timeout_ms + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_CLIENT_STALLED);
    assert_word(client, "reset");
}

static void test_a_client_that_does_not_even_take_the_101_is_given_up(void **state)
{
    (void)state;
    client->room = 0;
    world_say(backend, GOES);
    pretend_uv_pass(world_usual.policy.tunnel_timeout_ms + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_CLIENT_STALLED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_bytes_go_both_ways_untouched),
        CASE(test_bytes_behind_the_101_belong_to_the_tunnel),
        CASE(test_each_side_may_end_first),
        CASE(test_the_backend_may_end_first),
        CASE(test_the_backend_gets_all_before_it_is_over),
        CASE(test_silence_ends_it_and_a_word_of_either_side_puts_that_off),
        CASE(test_pressure_in_a_tunnel),
        CASE(test_a_side_that_has_taken_all_is_not_waited_for),
        CASE(test_a_side_that_takes_little_is_waited_for),
        CASE(test_a_backend_that_takes_nothing_is_given_up),
        CASE(test_a_client_that_takes_nothing_is_given_up),
        CASE(test_a_client_that_does_not_even_take_the_101_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
