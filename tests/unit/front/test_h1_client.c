/* The client's side: its deadlines, one request at a time, pressure in both directions. */
#include "lb/front/h1_client.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

static struct world world;
static struct pretend_uv_wire *client;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, &world_usual, "r");
    client = world_client(&world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

/* ---- deadlines ------------------------------------------------------------------------------ */

static void check_open_until(unsigned ms)
{
    pretend_uv_pass(ms - DEADLINE_SLACK_MS);
    assert_word(client, "open");
    assert_silent(client);
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
}

static void test_an_idle_client_is_let_go(void **state)
{
    (void)state;
    check_open_until(world_usual.front.idle_timeout_ms);
    assert_word(client, "closed");
    assert_silent(client);
    assert_int_equal(world.record_count, 0);
}

static void test_each_request_puts_off_the_end_of_an_idle_client(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        world_say(client, GET);
        world_say(world_backend(0), OK);
        assert_status(client, "200");
        pretend_uv_pass(world_usual.front.idle_timeout_ms - DEADLINE_SLACK_MS);
        assert_word(client, "open");
    }
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
    assert_word(client, "closed");
}

static void test_a_slow_head_is_refused_however_it_trickles(void **state)
{
    (void)state;
    world_say(client, "GET / HTTP/1.1\r\n");
    for (unsigned i = 0; i < 9; i++) {
        pretend_uv_pass(100);
        world_say(client, "A: b\r\n");
    }
    assert_silent(client);
    pretend_uv_pass(100 + DEADLINE_SLACK_MS);
    assert_status(client, "408");
    assert_end(&world, ERR_HEAD_TIMEOUT);
}

static void test_a_body_may_be_slow_but_not_stand_still(void **state)
{
    (void)state;
    world_say(client, POST);
    for (unsigned i = 0; i < 4; i++) {
        pretend_uv_pass(3000);
        world_say(client, "x");
    }
    check_open_until(world_usual.front.body_timeout_ms);
    assert_status(client, "408");
    assert_end(&world, ERR_BODY_TIMEOUT);
    assert_word(world_backend(0), "closed");
}

static void test_a_client_that_takes_nothing_is_cut_off(void **state)
{
    (void)state;
    client->room = 10;
    world_say(client, GET);
    world_say(world_backend(0), OK);
    pretend_uv_pass(world_usual.front.body_timeout_ms - DEADLINE_SLACK_MS);
    assert_word(client, "open");
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
    assert_word(client, "reset"); /* it cannot take a part for the whole */
}

static void test_a_client_that_takes_little_is_not(void **state)
{
    (void)state;
    client->room = 10;
    world_say(client, GET);
    world_say(world_backend(0), OK);
    for (unsigned i = 0; i < 5; i++) {
        pretend_uv_pass(world_usual.front.body_timeout_ms - DEADLINE_SLACK_MS);
        assert_word(client, "open");
        world_take(client, 1);
    }
    world_take(client, WORLD_ROOM);
    assert_heard(client, "\r\n\r\nok");
    world_say(client, GET);
    world_say(world_backend(1), OK); /* the first one has been idle for too long */
    assert_status(client, "200");
}

/* Less than what makes room for the next write, which only the kernel tells. */
static void test_a_client_that_takes_less_than_a_write_is_not_cut_off(void **state)
{
    (void)state;
    client->room = 10;
    client->unacknowledged_bytes = 1000;
    world_say(client, GET);
    world_say(world_backend(0), OK);
    for (unsigned i = 0; i < 20; i++) {
        client->unacknowledged_bytes--;
        pretend_uv_pass(world_usual.front.body_timeout_ms - DEADLINE_SLACK_MS);
        assert_word(client, "open");
    }
    pretend_uv_pass(2 * world_usual.front.body_timeout_ms);
    assert_word(client, "reset");
}

/* What is held is not read meanwhile, nor is an end behind it: that is looked for. */
static void test_who_waits_with_more_requests_is_looked_at(void **state)
{
    struct env_options options = world_usual;
    options.front.head_timeout_ms =
        60000; /* whoever is looked at sooner was looked at for itself */
    options.front.idle_timeout_ms = 60000;
    options.policy.aborts_on_close = 1;
    for (unsigned leaves = 0; leaves < 2; leaves++) {
        tear_down(state);
        world_open(&world, &options, "r");
        client = world_client(&world);
        world_say(client, GET GET GET);
        if (leaves)
            world_end(client);
        for (unsigned i = 0; i < 14; i++) /* less than what its body may take */
            pretend_uv_pass(250);
        assert_int_equal(world.record_count, leaves);
        if (leaves) {
            assert_end(&world, ERR_CLIENT_GONE);
            assert_word(world_backend(0), "closed");
            continue;
        }
        world_say(world_backend(0), OK);
        assert_status(client, "200");
        assert_heard(world_backend(0), "GET / ");
    }
    assert_int_equal(backend_count(), 1);
}

static void test_lingering_ends_after_a_second(void **state)
{
    (void)state;
    world_say(client, "GET\r\n\r\n"); /* no request; more may come */
    assert_status(client, "400");
    assert_word(client, "fin");
    pretend_uv_pass(1000 - DEADLINE_SLACK_MS);
    world_say(client, "more");
    assert_word(client, "fin");
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
    assert_word(client, "closed");
}

/* ---- one request at a time ------------------------------------------------------------------ */

static void test_pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    world_say(client, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    const char *asked = world_hear(world_backend(0));
    assert_memory_equal(asked, "GET /1 ", 7);
    assert_null(strstr(asked, "/2"));
    world_say(world_backend(0), OK);
    assert_heard(world_backend(0), "GET /2 ");
    assert_heard(client, "\r\n\r\nok");
    world_say(world_backend(0), "HTTP/1.1 204 None\r\n\r\n");
    assert_status(client, "204");
    assert_int_equal(backend_count(), 1);
    assert_int_equal(world.record_count, 2);
}

static void test_nothing_is_read_ahead_while_a_request_is_served(void **state)
{
    (void)state;
    world_say(client, GET);
    world_say_filler(client, 300000);
    assert_in_range(client->read_at, 0, 20000);
    assert_word(client, "open");
}

static void test_the_next_request_waits_for_the_answer_to_be_taken(void **state)
{
    (void)state;
    client->room = 10;
    world_say(client, GET GET);
    world_say(world_backend(0), OK);
    world_hear(world_backend(0));
    assert_silent(world_backend(0));
    world_take(client, WORLD_ROOM);
    assert_heard(world_backend(0), "GET / ");
}

static void test_the_last_request_of_a_connection(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    options.front.max_request_count = 2;
    proxy_configure(&world.env, &options);
    world_say(client, GET);
    world_say(world_backend(0), OK);
    assert_null(strstr(world_hear(client), "Connection: close"));
    world_say(client, GET);
    world_say(world_backend(0), OK);
    assert_heard(client, "onnection: close");
    assert_word(client, "closed");
}

static void test_a_client_that_shut_its_side_is_still_answered(void **state)
{
    (void)state;
    world_say(client, GET);
    world_end(client);
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    assert_word(client, "closed");
    assert_end(&world, ERR_OK);
}

static void test_what_was_sent_ahead_goes_with_the_client(void **state)
{
    (void)state;
    world_say(client, GET GET);
    pretend_uv_pass(1);
    world_say(client, GET);
    client->room = 0;
    world_say(world_backend(0), OK);
    world_reset(client);
    pretend_uv_pass(2 * world_usual.front.body_timeout_ms);
    assert_int_equal(world.env.crowd.client_count, 0);
    assert_int_equal(world.loop.blocks.used_bytes, 0);
}

static void test_one_that_ends_is_not_lingered_for(void **state)
{
    for (unsigned is_reset = 0; is_reset < 2; is_reset++) {
        tear_down(state);
        set_up(state);
        world_say(client, "GET\r\n\r\n");
        assert_status(client, "400");
        assert_word(client, "fin");
        (is_reset ? world_reset : world_end)(client);
        assert_word(client, "closed");
        assert_int_equal(world.env.crowd.client_count, 0);
    }
}

/* It sends nothing any more that closing could make it lose its answer by. */
static void test_one_that_ended_within_its_request_is_not_lingered_for(void **state)
{
    (void)state;
    client->room = 5;
    world_say(client, POST "123");
    world_say(world_backend(0), "HTTP/1.1 103 Hints\r\nA: b\r\n\r\n");
    world_end(client); /* while it has bytes to take */
    world_take(client, WORLD_ROOM);
    world_hear(client);
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    assert_word(client, "closed");
}

static void test_a_refusal_that_waits_is_followed_by_a_fin(void **state)
{
    (void)state;
    client->room = 10;
    world_say(client, "GET\r\n\r\n");
    assert_word(client, "open");
    world_take(client, WORLD_ROOM);
    assert_status(client, "400");
    assert_word(client, "fin");
    pretend_uv_pass(1000 + DEADLINE_SLACK_MS); /* from then on */
    assert_word(client, "closed");
}

static void test_an_answer_before_the_end_of_the_request_is_the_last(void **state)
{
    (void)state;
    world_say(client, POST "123");
    world_say(world_backend(0), OK);
    assert_heard(client, "onnection: close");
    assert_word(client, "fin");
}

static void test_a_body_may_not_grow_beyond_its_limit(void **state)
{
    static const char chunks[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "a\r\n1234567890\r\n";
    struct env_options options = world_usual;
    (void)state;
    options.exchange.max_body_bytes = 10;
    proxy_configure(&world.env, &options);
    world_say(client, chunks);
    assert_silent(client);
    world_say(client, "1\r\nx\r\n");
    assert_status(client, "413");
    assert_end(&world, ERR_BODY_TOO_LARGE);
}

/* ---- pressure ------------------------------------------------------------------------------- */

static void test_a_client_that_does_not_read_stops_the_backend(void **state)
{
    (void)state;
    client->room = 0;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    world_say_filler(world_backend(0), 900000);
    assert_in_range(world_backend(0)->read_at, 1, 300000);
    world_take(client, WORLD_ROOM);
    assert_int_equal(world_backend(0)->read_at, world_backend(0)->sent.len);
    assert_int_equal(world.response_body_bytes, 900000);
    assert_end(&world, ERR_OK);
}

static void test_a_backend_that_does_not_read_stops_the_client(void **state)
{
    (void)state;
    world_say(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    world_backend(0)->room = 0;
    world_say_filler(client, 900000);
    assert_in_range(client->read_at, 1, 300000);
    world_take(world_backend(0), WORLD_ROOM);
    assert_int_equal(client->read_at, client->sent.len);
    world_say(world_backend(0), OK);
    assert_int_equal(world.request_body_bytes, 900000);
    assert_end(&world, ERR_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_idle_client_is_let_go),
        CASE(test_each_request_puts_off_the_end_of_an_idle_client),
        CASE(test_a_slow_head_is_refused_however_it_trickles),
        CASE(test_a_body_may_be_slow_but_not_stand_still),
        CASE(test_a_client_that_takes_nothing_is_cut_off),
        CASE(test_a_client_that_takes_little_is_not),
        CASE(test_a_client_that_takes_less_than_a_write_is_not_cut_off),
        CASE(test_who_waits_with_more_requests_is_looked_at),
        CASE(test_lingering_ends_after_a_second),
        CASE(test_one_that_ends_is_not_lingered_for),
        CASE(test_one_that_ended_within_its_request_is_not_lingered_for),
        CASE(test_pipelined_requests_are_answered_in_order),
        CASE(test_nothing_is_read_ahead_while_a_request_is_served),
        CASE(test_the_next_request_waits_for_the_answer_to_be_taken),
        CASE(test_the_last_request_of_a_connection),
        CASE(test_a_client_that_shut_its_side_is_still_answered),
        CASE(test_what_was_sent_ahead_goes_with_the_client),
        CASE(test_a_refusal_that_waits_is_followed_by_a_fin),
        CASE(test_an_answer_before_the_end_of_the_request_is_the_last),
        CASE(test_a_body_may_not_grow_beyond_its_limit),
        CASE(test_a_client_that_does_not_read_stops_the_backend),
        CASE(test_a_backend_that_does_not_read_stops_the_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
