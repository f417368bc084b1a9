/* How a request is over: the client's connection afterwards, and the one record. */
#include "lb/proxy/ending.h"

#include "tests/unit/proxy/proxy_case.h"

#define LENGTH "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"

static struct world world;
static struct pretend_uv_wire *client, *backend;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, &world_usual, "r");
    client = world_client(&world);
    world_say(client, GET);
    backend = world_backend(0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static void test_an_answer_leaves_the_client_to_its_next_request(void **state)
{
    (void)state;
    world_say(backend, OK);
    assert_status(client, "200");
    assert_end(&world, ERR_OK);
    assert_word(client, "open");
    world_say(client, GET);
    world_say(backend, OK);
    assert_status(client, "200");
    assert_int_equal(world.record_count, 2);
}

static void test_what_fails_unanswered_is_refused_and_the_client_stays(void **state)
{
    (void)state;
    world_say(backend, "nonsense\r\n\r\n");
    assert_status(client, "502");
    assert_end(&world, ERR_UPSTREAM_INVALID);
    assert_int_equal(world.status, 502);
    assert_word(client, "open");
}

static void test_what_fails_answered_is_cut_off_with_the_status_that_was_told(void **state)
{
    (void)state;
    world_say(backend, LENGTH);
    world_end(backend);
    assert_heard(client, "abc");
    assert_end(&world, ERR_UPSTREAM_TRUNCATED);
    assert_int_equal(world.status, 200);
    assert_int_equal(world.response_body_bytes, 3);
    assert_word(client, "closed");
}

static void test_a_head_that_has_not_gone_out_does_not_count_as_answer(void **state)
{
    (void)state;
    world_say(backend, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
    assert_status(client, "502");
    assert_int_equal(world.status, 502);
    assert_word(client, "open");
}

static void test_a_client_that_left_is_told_as_gone_without_a_status(void **state)
{
    (void)state;
    world_reset(client);
    assert_end(&world, ERR_CLIENT_GONE);
    assert_int_equal(world.status, 0);
    assert_word(backend, "closed");
}

static void test_one_who_has_left_while_nobody_had_its_request_is_told_how_it_stands(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    world_close(&world);
    options.policy.hold_ms = 3000;
    world_open(&world, &options, "");
    world_publish(&world, "u");
    client = world_client(&world);
    world_say(client, GET);
    assert_int_equal(world.record_count, 0);
    world_end(client);
    assert_status(client, "503");
    assert_end(&world, ERR_CLIENT_GONE);
    assert_int_equal(world.status, 503);
}

static void test_bytes_of_a_tunnel_count_as_bodies(void **state)
{
    struct pretend_uv_wire *other = world_client(&world);
    (void)state;
    world_say(other, ASKS);
    world_say(world_backend(1), GOES "four");
    world_say(other, "seven s");
    world_end(other);
    world_end(world_backend(1));
    assert_end(&world, ERR_OK);
    assert_int_equal(world.request_body_bytes, 7);
    assert_int_equal(world.response_body_bytes, 4);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_answer_leaves_the_client_to_its_next_request),
        CASE(test_what_fails_unanswered_is_refused_and_the_client_stays),
        CASE(test_what_fails_answered_is_cut_off_with_the_status_that_was_told),
        CASE(test_a_head_that_has_not_gone_out_does_not_count_as_answer),
        CASE(test_a_client_that_left_is_told_as_gone_without_a_status),
        CASE(test_one_who_has_left_while_nobody_had_its_request_is_told_how_it_stands),
        CASE(test_bytes_of_a_tunnel_count_as_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
