/* Behind an early 101: what the backend says goes on at once while the request still comes, and the
 * tunnel goes on where that ends. */
#include "lb/back/h1_switched.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

static struct world world;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, &world_usual, "r");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

#define ASKS_BY(method, fields)                                                                    \
    method " / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n" fields "\r\n"
#define WITH_BODY ASKS_BY("POST", "Content-Length: 5\r\n") "12"

static struct pretend_uv_wire *client, *backend;

/* Two bytes of five are there, and the backend has changed to its protocol already. */
static void be_early(void)
{
    client = world_client(&world);
    world_say(client, WITH_BODY);
    backend = world_backend(0);
    assert_heard(backend, "\r\n\r\n12");
    world_say(backend, GOES);
    assert_status(client, "101");
}

static const char *last_of(const char *heard, size_t len)
{
    return strlen(heard) < len ? heard : heard + strlen(heard) - len;
}

static void test_bytes_go_at_once_both_ways_and_on_into_the_tunnel(void **state)
{
    static const struct {
        const char *request, *rest, *body, *ends;
    } rows[] = {
        {WITH_BODY, "345", "12345", "345"},
        {ASKS_BY("HEAD", "Content-Length: 5\r\n") "12", "345", "12345", "345"},
        {ASKS_BY("POST", "Content-Length: 1\r\n"), "1", "1", "1"},
        {ASKS_BY("POST", "Content-Length: 5\r\nExpect: 100-continue\r\n"), "12345", "12345",
         "12345"},
        {ASKS_BY("POST", "Transfer-Encoding: chunked\r\n"), "5\r\n12345\r\n0\r\n\r\n", "12345",
         "5\r\n0\r\n\r\n"},
        {ASKS_BY("POST", "Transfer-Encoding: chunked\r\n") "2\r\n1", "2\r\n0\r\nT: t\r\n\r\n", "12",
         "2\r\n0\r\nT: t\r\n\r\n"},
    };
    static const unsigned segments[] = {1, 3, 65536};
    (void)state;
    for (unsigned i = 0; i < 3 * sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned row = i / 3;
        pretend_uv.segment_bytes = segments[i % 3];
        client = world_client(&world);
        world_say(client, rows[row].request);
        backend = world_backend(i);
        world_say(backend, GOES "a");
        assert_heard(client, "\r\n\r\na");
        world_say(backend, "bc");
        assert_string_equal(world_hear(client), "bc");
        world_hear(backend);
        world_say(client, rows[row].rest);
        assert_string_equal(last_of(world_hear(backend), strlen(rows[row].ends)), rows[row].ends);
        world_say(backend, "GET");
        assert_string_equal(world_hear(client), "GET");
        world_say(client, "behind");
        assert_string_equal(world_hear(backend), "behind");
        world_end(backend);
        world_end(client);
        assert_end(&world, ERR_OK);
        assert_int_equal(world.response_body_bytes, 6);
        assert_int_equal(world.request_body_bytes, strlen(rows[row].body) + 6);
        assert_word(client, "closed");
    }
}

static void test_what_is_left_of_the_request_goes_before_what_is_behind_it(void **state)
{
    (void)state;
    be_early();
    world_say(client, "345behind");
    assert_string_equal(world_hear(backend), "345behind");
    world_say(backend, "answer");
    assert_string_equal(world_hear(client), "answer");
}

/* Bytes of which none is missed or told twice unseen. */
static void say_much(struct pretend_uv_wire *wire, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_append_char(&wire->sent, (char)('a' + i * 7 % 26 + i / 4096 % 5));
    pretend_uv_settle();
}

static void check_much(const struct pretend_uv_wire *from, const struct pretend_uv_wire *to,
                       size_t count)
{
    assert_true(from->sent.len >= count && to->got.len >= count);
    assert_memory_equal(from->sent.bytes + from->sent.len - count,
                        to->got.bytes + to->got.len - count, count);
}

#define MUCH ((size_t)10 << 20)

static void test_a_client_that_does_not_read_pauses_the_backend(void **state)
{
    (void)state;
    be_early();
    client->room = 0;
    say_much(backend, MUCH);
    assert_in_range(backend->read_at, 1, 300000);
    world_take(client, 100000); /* and goes on where it takes some */
    assert_int_equal(world.record_count, 0);
    world_take(client, WORLD_ROOM);
    check_much(backend, client, MUCH);
    world_say(client, "345");
    world_end(client);
    world_end(backend);
    assert_end(&world, ERR_OK);
    assert_int_equal(world.response_body_bytes, MUCH);
}

static void test_the_tunnel_begins_while_bytes_wait_for_the_client(void **state)
{
    (void)state;
    be_early();
    client->room = 0;
    say_much(backend, MUCH);
    size_t read_at = backend->read_at;
    world_say(client, "345behind");
    assert_string_equal(world_hear(backend), "345behind");
    assert_int_equal(backend->read_at, read_at); /* there is enough already */
    world_take(client, WORLD_ROOM);
    check_much(backend, client, MUCH);
    world_say(backend, "last");
    world_end(backend);
    world_end(client);
    assert_end(&world, ERR_OK);
    assert_int_equal(world.response_body_bytes, MUCH + 4);
    check_much(backend, client, MUCH + 4);
}

static void test_a_client_that_takes_the_101_late(void **state)
{
    (void)state;
    client = world_client(&world);
    client->room = 0;
    world_say(client, WITH_BODY);
    backend = world_backend(0);
    world_say(backend, GOES "first");
    world_say(backend, "second");
    world_take(client, WORLD_ROOM);
    assert_heard(client, "\r\n\r\nfirstsecond");
    world_say(client, "345");
    assert_heard(backend, "345");
}

static void test_a_large_body_goes_on_through_a_pipe_meanwhile(void **state)
{
    const size_t half = 450000;
    (void)state;
    pretend_uv.has_pipes = true;
    client = world_client(&world);
    world_say(client, ASKS_BY("POST", "Content-Length: 900000\r\n"));
    backend = world_backend(0);
    world_say(backend, GOES);
    say_much(client, half);
    assert_int_equal(world.loop.splices.count, 1);
    world_hear(client);
    world_say(backend, "at once");
    assert_string_equal(world_hear(client), "at once");
    backend->room = 1000;
    say_much(client, half);
    world_say(backend, " and again");
    assert_string_equal(world_hear(client), " and again");
    world_take(backend, WORLD_ROOM);
    world_say(client, "behind");
    check_much(client, backend, 2 * half + 6);
}

/* ---- and its ends ---- */

static void test_the_end_of_a_backend_that_goes_on_to_listen(void **state)
{
    (void)state;
    be_early();
    world_say(backend, "bye");
    world_end(backend);
    assert_string_equal(world_hear(client), "bye");
    assert_word(client, "fin");
    world_say(client, "34");
    assert_string_equal(world_hear(backend), "34");
    world_say(client, "5behind");
    assert_string_equal(world_hear(backend), "5behind");
    assert_int_equal(world.record_count, 0);
    world_end(client);
    assert_word(backend, "closed");
    assert_word(client, "closed");
    assert_end(&world, ERR_OK);
    assert_int_equal(world.response_body_bytes, 3);
}

static void test_the_end_goes_behind_what_waits(void **state)
{
    (void)state;
    be_early();
    client->room = 1;
    world_say(backend, "bye");
    world_end(backend);
    assert_word(client, "open");
    world_take(client, WORLD_ROOM);
    assert_string_equal(world_hear(client), "bye");
    assert_word(client, "fin");
    world_say(client, "345");
    world_end(client);
    assert_end(&world, ERR_OK);
}

static void test_a_backend_that_is_lost(void **state)
{
    (void)state;
    be_early();
    world_say(backend, "bye");
    world_reset(backend);
    assert_end(&world, ERR_UPSTREAM_TRUNCATED);
    assert_string_equal(world_hear(client), "bye");
    pretend_uv_pass(1000 + DEADLINE_SLACK_MS); /* once that has arrived */
    assert_word(client, "reset");
}

static void test_a_backend_that_is_lost_behind_its_end(void **state)
{
    (void)state;
    be_early();
    backend->room = 0;
    world_say(client, "3");
    world_end(backend);
    assert_word(client, "fin");
    world_reset(backend);
    world_take(backend, 1); /* where the body meets the reset */
    assert_end(&world, ERR_UPSTREAM_RESET);
    pretend_uv_pass(1000 + DEADLINE_SLACK_MS);
    assert_word(client, "reset");
}

static void test_a_backend_that_is_lost_while_the_request_waits(void **state)
{
    (void)state;
    be_early();
    backend->room = 0;
    world_say(client, "3");
    assert_int_equal(world.record_count, 0);
    world_reset(backend);
    assert_end(&world, ERR_UPSTREAM_TRUNCATED);
}

static void test_a_client_that_ends_in_its_body_is_gone(void **state)
{
    (void)state;
    be_early();
    world_end(client);
    assert_end(&world, ERR_CLIENT_GONE);
    assert_word(backend, "closed");
}

static void test_a_client_that_is_lost(void **state)
{
    (void)state;
    be_early();
    client->room = 0;
    world_say(backend, "abc");
    world_reset(client);
    assert_end(&world, ERR_CLIENT_GONE);
    assert_word(backend, "closed");
    assert_int_equal(world.record_count, 1);
}

/* ---- and its deadlines ---- */

static void test_a_backend_may_be_silent_while_the_body_trickles(void **state)
{
    const unsigned wait_ms = world_usual.front.body_timeout_ms - 2 * DEADLINE_SLACK_MS;
    (void)state;
    client = world_client(&world);
    world_say(client, ASKS_BY("POST", "Content-Length: 26\r\n"));
    backend = world_backend(0);
    world_say(backend, GOES);
    for (unsigned ms = 0; ms < 2 * world_usual.policy.wait_ms[WAIT_RESPONSE]; ms += wait_ms) {
        world_hear(backend);
        world_say(client, "x");
        assert_string_equal(world_hear(backend), "x");
        pretend_uv_pass(wait_ms);
    }
    assert_word(client, "open");
}

static void test_a_body_that_does_not_come_is_not_waited_for_whatever_the_backend_says(void **state)
{
    (void)state;
    be_early();
    for (unsigned passed = 0; passed + 500 < world_usual.front.body_timeout_ms; passed += 500) {
        pretend_uv_pass(500);
        world_say(backend, "x");
        assert_string_equal(world_hear(client), "x");
    }
    assert_int_equal(world.record_count, 0);
    pretend_uv_pass(500 + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_BODY_TIMEOUT);
    assert_word(backend, "closed");
}

static void test_a_backend_that_does_not_take_the_body(void **state)
{
    (void)state;
    be_early();
    backend->room = 0;
    world_say(client, "3");
    pretend_uv_pass(world_usual.policy.wait_ms[WAIT_BODY] + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_UPSTREAM_STALLED);
}

static void test_a_client_that_takes_nothing(void **state)
{
    (void)state;
    be_early();
    client->room = 0;
    say_much(backend, MUCH);
    for (unsigned i = 0; i < 2; i++)
        pretend_uv_pass(world_usual.front.body_timeout_ms + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_CLIENT_STALLED);
    assert_word(client, "reset");
}

static void test_lb_drains_and_the_endpoint_goes(void **state)
{
    (void)state;
    be_early();
    world_publish(&world, "g");
    proxy_drain(&world.env);
    world_say(backend, "still here");
    assert_string_equal(world_hear(client), "still here");
    world_say(client, "345!");
    assert_string_equal(world_hear(backend), "345!");
    world_end(backend);
    world_end(client);
    assert_end(&world, ERR_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_bytes_go_at_once_both_ways_and_on_into_the_tunnel),
        CASE(test_what_is_left_of_the_request_goes_before_what_is_behind_it),
        CASE(test_a_client_that_does_not_read_pauses_the_backend),
        CASE(test_the_tunnel_begins_while_bytes_wait_for_the_client),
        CASE(test_a_client_that_takes_the_101_late),
        CASE(test_a_large_body_goes_on_through_a_pipe_meanwhile),
        CASE(test_the_end_of_a_backend_that_goes_on_to_listen),
        CASE(test_the_end_goes_behind_what_waits),
        CASE(test_a_backend_that_is_lost),
        CASE(test_a_backend_that_is_lost_behind_its_end),
        CASE(test_a_backend_that_is_lost_while_the_request_waits),
        CASE(test_a_client_that_ends_in_its_body_is_gone),
        CASE(test_a_client_that_is_lost),
        CASE(test_a_backend_may_be_silent_while_the_body_trickles),
        CASE(test_a_body_that_does_not_come_is_not_waited_for_whatever_the_backend_says),
        CASE(test_a_backend_that_does_not_take_the_body),
        CASE(test_a_client_that_takes_nothing),
        CASE(test_lb_drains_and_the_endpoint_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
