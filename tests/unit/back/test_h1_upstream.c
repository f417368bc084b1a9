/* The backend's side: its deadlines, what is kept for the next request, and answers that cannot be
 * passed on. */
#include "lb/back/h1_upstream.h"

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

static void ask_and_answer(const char *answer)
{
    world_say(client, GET);
    world_say(world_backend(backend_count() - 1), answer);
    world_hear(client);
}

/* ---- deadlines ------------------------------------------------------------------------------ */

static void pass_slowly(unsigned ms)
{
    for (unsigned passed = 0; passed < ms; passed += 100)
        pretend_uv_pass(100);
}

static void test_an_answer_that_does_not_come(void **state)
{
    (void)state;
    world_say(client, GET);
    pass_slowly(world_usual.policy.wait_ms[WAIT_RESPONSE] - 200);
    assert_silent(client);
    pass_slowly(400);
    assert_status(client, "504");
    assert_end(&world, ERR_UPSTREAM_TIMEOUT);
    assert_word(world_backend(0), "closed");
}

static void test_a_backend_off_the_network_is_not_waited_for(void **state)
{
    (void)state;
    world_close(&world);
    world_open(&world, &world_usual, "rr");
    client = world_client(&world);
    world_say(client, GET);
    world_backend(0)->retransmits = 3;
    pretend_uv_pass(2000 + DEADLINE_SLACK_MS); /* the next look */
    assert_word(world_backend(0), "closed");
    assert_non_null(world_backend(1)); /* GET may be sent to the other one */
}

static void test_an_answer_that_stands_still(void **state)
{
    (void)state;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    pretend_uv_pass(world_usual.policy.wait_ms[WAIT_BODY] - DEADLINE_SLACK_MS);
    assert_word(world_backend(0), "open");
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
    assert_end(&world, ERR_UPSTREAM_STALLED);
    assert_word(world_backend(0), "closed");
}

static void test_a_stream_may_be_quiet_for_longer(void **state)
{
    (void)state;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    pretend_uv_pass(world_usual.policy.wait_ms[WAIT_STREAM] - DEADLINE_SLACK_MS);
    assert_word(world_backend(0), "open");
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
    assert_end(&world, ERR_UPSTREAM_STALLED);
}

static void test_a_paused_answer_is_not_late(void **state)
{
    (void)state;
    client->room = 0;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    world_say_filler(world_backend(0), 400000);
    for (unsigned i = 0; i < 6; i++) {
        pretend_uv_pass(3000);
        world_take(client, 1);
    }
    assert_word(world_backend(0), "open");
    assert_int_equal(world.record_count, 0);
}

static void test_a_request_that_nobody_takes(void **state)
{
    (void)state;
    world_say(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    world_backend(0)->room = 0;
    world_say_filler(client, 900000);
    pretend_uv_pass(world_usual.policy.wait_ms[WAIT_BODY] +
                    DEADLINE_SLACK_MS); /* more began to wait in it */
    assert_word(world_backend(0), "open");
    pretend_uv_pass(world_usual.policy.wait_ms[WAIT_BODY] + DEADLINE_SLACK_MS);
    assert_word(world_backend(0), "closed");
    assert_end(&world, ERR_UPSTREAM_STALLED);
}

/* ---- idle connections ----------------------------------------------------------------------- */

static void test_an_idle_connection_is_used_again_and_let_go_in_time(void **state)
{
    (void)state;
    ask_and_answer(OK);
    ask_and_answer(OK);
    assert_int_equal(backend_count(), 1);
    pretend_uv_pass(1900); /* the client stays */
    ask_and_answer(OK);
    assert_int_equal(backend_count(), 1);
    pretend_uv_pass(world_usual.policy.upstream_idle_timeout_ms + DEADLINE_SLACK_MS);
    assert_word(world_backend(0), "closed");
}

/* With more sockets than the loop asks for at once, a turn of it is no look at each of them: an end
 * that has come may not have been seen. */
static void test_among_many_sockets_an_idle_connection_is_looked_at(void **state)
{
    (void)state;
    ask_and_answer(OK);
    world_hear(world_backend(0));
    pretend_uv_pass(10);
    unsigned count = world.loop.stream_count;
    world.loop.stream_count = 1024;
    world_backend(0)->has_shut = true; /* and the loop has not turned */
    world_say(client, GET);
    assert_silent(world_backend(0));
    assert_int_equal(backend_count(), 2);
    world_say(world_backend(1), OK);
    assert_status(client, "200");
    assert_int_equal(world.replay_count, 0);
    world.loop.stream_count = count;
}

static void test_each_answer_counts_for_its_endpoint(void **state)
{
    (void)state;
    struct endpoint *endpoint = routes_find(&world.env.pool->routes)->endpoints[0];
    struct endpoint_local *local = fleet_local(&world.env.fleet, endpoint);
    ask_and_answer(OK);
    ask_and_answer("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    ask_and_answer(OK);
    assert_int_equal(atomic_load(&local->answers[2]), 2);
    assert_int_equal(atomic_load(&local->answers[4]), 1);
    assert_int_equal(atomic_load(&local->answers[5]), 0);
}

static void test_what_the_backend_says_of_its_patience_counts(void **state)
{
    (void)state;
    ask_and_answer("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n");
    pretend_uv_pass(1000);
    assert_word(world_backend(0), "closed");
}

static void test_connections_that_cannot_be_kept(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\nContent-Length: 0\r\n\r\n",
        OK "more", /* unasked */
    };
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        ask_and_answer(answers[i]);
        assert_int_equal(backend_count(), i + 1);
        assert_string_not_equal(world_word_of(world_backend(i)), "open");
        assert_end(&world, ERR_OK);
    }
}

static void test_who_spoke_unasked_serves_one_request_each_for_a_minute(void **state)
{
    (void)state;
    ask_and_answer(OK "more");
    ask_and_answer(OK);
    assert_string_not_equal(world_word_of(world_backend(1)), "open");
    for (unsigned i = 0; i < 40; i++) {
        pretend_uv_pass(1500);
        ask_and_answer(OK);
    }
    unsigned count = backend_count();
    ask_and_answer(OK);
    ask_and_answer(OK);
    assert_int_equal(backend_count(), count);
}

static void test_an_idle_connection_to_who_is_gone_is_closed(void **state)
{
    static const char *const letters[] = {"g", "d", "u", "p"};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        world_publish(&world, "r");
        ask_and_answer(OK);
        assert_word(world_backend(i), "open");
        world_publish(&world, letters[i]);
        assert_word(world_backend(i), "closed");
    }
}

static void test_a_connection_of_who_left_meanwhile_is_not_kept(void **state)
{
    (void)state;
    world_say(client, GET);
    world_publish(&world, "d");
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    assert_word(world_backend(0), "closed");
}

/* ---- answers that cannot be passed on ------------------------------------------------------- */

static void test_bad_answers(void **state)
{
    static const struct {
        const char *answer;
        enum err end;
    } cases[] = {
        {"SMTP ready\r\n\r\n", ERR_UPSTREAM_INVALID},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", ERR_UPSTREAM_INVALID},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", ERR_UPSTREAM_INVALID},
        {"HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", ERR_UPSTREAM_INVALID},
    };
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        world_say(client, GET);
        world_say(world_backend(i), cases[i].answer);
        assert_status(client, "502");
        assert_end(&world, cases[i].end);
        assert_string_not_equal(world_word_of(world_backend(i)), "open");
    }
}

static void test_interim_answers_come_first(void **state)
{
    (void)state;
    world_say(client, POST);
    world_say(world_backend(0), "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n");
    const char *heard = world_hear(client);
    assert_non_null(strstr(heard, "HTTP/1.1 100"));
    assert_non_null(strstr(heard, "HTTP/1.1 103"));
    world_say(client, "1234567890");
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    assert_int_equal(world.record_count, 1);
}

static void test_an_interim_answer_is_not_for_http_1_0(void **state)
{
    (void)state;
    world_say(client, "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    world_say(world_backend(0), "HTTP/1.1 103 Hints\r\nA: b\r\n\r\n");
    assert_silent(client);
    world_say(world_backend(0), OK);
    assert_status(client, "200");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_answer_that_does_not_come),
        CASE(test_a_backend_off_the_network_is_not_waited_for),
        CASE(test_an_answer_that_stands_still),
        CASE(test_a_stream_may_be_quiet_for_longer),
        CASE(test_a_paused_answer_is_not_late),
        CASE(test_a_request_that_nobody_takes),
        CASE(test_an_idle_connection_is_used_again_and_let_go_in_time),
        CASE(test_among_many_sockets_an_idle_connection_is_looked_at),
        CASE(test_each_answer_counts_for_its_endpoint),
        CASE(test_what_the_backend_says_of_its_patience_counts),
        CASE(test_connections_that_cannot_be_kept),
        CASE(test_who_spoke_unasked_serves_one_request_each_for_a_minute),
        CASE(test_an_idle_connection_to_who_is_gone_is_closed),
        CASE(test_a_connection_of_who_left_meanwhile_is_not_kept),
        CASE(test_an_interim_answer_is_not_for_http_1_0),
        CASE(test_bad_answers),
        CASE(test_interim_answers_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
