/* A connection of a client at a TCP listener, once it is joined to one of an endpoint: what passes, how it ends, and
 * what is told of it. */
#include "lb/proxy/passage.h"

#include "lb/proxy/tunnel.h"
#include "tests/unit/proxy/passage_case.h"

static struct world world;
static struct pretend_uv_wire *client, *backend;

static int set_up(void **state)
{
    (void)state;
    passage_case_begin(&world, &world_usual, NULL, 0);
    world_publish(&world, "rr");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    passage_case_end(&world);
    return 0;
}

static void join(void)
{
    client = world_client(&world);
    backend = world_backend(backend_count() - 1);
    assert_word(client, "open");
    assert_word(backend, "open");
}

/* ---- joined ----------------------------------------------------------------------------------- */

static void test_bytes_go_both_ways_whoever_speaks_first(void **state)
{
    (void)state;
    join();
    world_say(backend, "220 hello\r\n");
    assert_string_equal(world_hear(client), "220 hello\r\n");
    world_say(client, "EHLO\r\n\x01");
    assert_string_equal(world_hear(backend), "EHLO\r\n\x01");
}

static void test_the_next_connection_goes_to_who_has_fewer(void **state)
{
    (void)state;
    join();
    struct pretend_uv_wire *first = backend;
    join();
    assert_false(address_eq(&first->peer, &backend->peer));
}

static void test_each_side_may_end_first(void **state)
{
    (void)state;
    join();
    world_end(client);
    assert_word(backend, "fin");
    world_say(backend, "still here");
    assert_string_equal(world_hear(client), "still here");
    world_end(backend);
    assert_word(client, "closed");
    assert_word(backend, "closed");
    assert_end(&world, ERR_OK);
    join();
    world_end(backend);
    assert_word(client, "fin");
    world_say(client, "me too");
    assert_string_equal(world_hear(backend), "me too");
    world_end(client);
    assert_word(backend, "closed");
    assert_end(&world, ERR_OK);
}

static void test_the_client_gets_all_before_it_is_over(void **state)
{
    (void)state;
    join();
    client->room = 3;
    world_say(backend, "abcdef");
    world_end(backend);
    world_end(client);
    assert_int_equal(world.record_count, 0);
    assert_word(client, "open");
    world_take(client, 10);
    assert_string_equal(world_hear(client), "abcdef");
    assert_word(client, "closed");
    assert_end(&world, ERR_OK);
}

static void test_a_reset_goes_on_to_the_other_side(void **state)
{
    (void)state;
    join();
    world_say(client, "hi");
    world_reset(client);
    assert_word(backend, "reset");
    assert_end(&world, ERR_CLIENT_GONE);
    join();
    world_say(backend, "hi");
    world_reset(backend);
    assert_word(client, "reset");
    assert_end(&world, ERR_UPSTREAM_TRUNCATED);
}

/* Nothing is read of it any more that would tell. */
static void test_a_backend_that_has_said_its_last_and_is_gone_takes_nothing(void **state)
{
    (void)state;
    join();
    world_end(backend);
    assert_word(client, "fin");
    world_say(client, "still here");
    assert_heard(backend, "still here");
    world_reset(backend);
    world_say(client, "nobody gets that");
    assert_word(client, "reset");
    assert_end(&world, ERR_UPSTREAM_RESET);
}

static void test_silence_ends_it(void **state)
{
    (void)state;
    join();
    for (unsigned i = 0; i < 4; i++) {
        pretend_uv_pass(PASSAGE_IDLE_MS - DEADLINE_SLACK_MS);
        world_say(i & 1 ? client : backend, "x");
        assert_word(client, "open");
    }
    pretend_uv_pass(PASSAGE_IDLE_MS + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_IDLE);
    assert_word(client, "reset");
    assert_word(backend, "reset");
}

static void test_without_a_limit_it_may_be_silent_for_ever(void **state)
{
    (void)state;
    world.policy.tcp_idle_timeout_ms = 0;
    world_publish(&world, "rr");
    join();
    for (unsigned i = 0; i < 10; i++)
        pretend_uv_pass(100000000);
    assert_word(client, "open");
    assert_int_equal(world.record_count, 0);
}

static void test_a_side_that_has_ended_and_is_gone_is_noticed(void **state)
{
    (void)state;
    world.policy.tcp_idle_timeout_ms = 0;
    world_publish(&world, "rr");
    join();
    world_end(client);
    pretend_uv_pass(10 * TUNNEL_LOOK_MS);
    assert_int_equal(world.record_count, 0);
    client->is_over = true;
    pretend_uv_pass(2 * TUNNEL_LOOK_MS);
    assert_end(&world, ERR_CLIENT_GONE);
    assert_word(backend, "reset");
}

/* ---- snapshots -------------------------------------------------------------------------------- */

static void test_an_endpoint_that_drains_keeps_what_it_has(void **state)
{
    (void)state;
    world_publish(&world, "r");
    join();
    world_publish(&world, "dr");
    world_publish(&world, "gr");
    world_say(client, "still");
    assert_string_equal(world_hear(backend), "still");
    join();
    assert_string_equal(world.env.pool->services[0].endpoints[0]->name, "two");
    world_say(client, "new");
    assert_heard(backend, "new");
}

static void test_where_it_is_wanted_draining_resets(void **state)
{
    (void)state;
    world.policy.drains_by_reset = 1;
    world_publish(&world, "r");
    join();
    world_publish(&world, "dr");
    assert_word(client, "reset");
    assert_word(backend, "reset");
    assert_end(&world, ERR_DRAINED);
    join();
    world_publish(&world, "dr");
    assert_word(client, "open");
    world_publish(&world, "g");
    assert_word(client, "reset");
    assert_int_equal(world.record_count, 2);
}

static void test_that_may_be_wanted_later(void **state)
{
    (void)state;
    world_publish(&world, "rr");
    join();
    join();
    world.policy.drains_by_reset = 1;
    world_publish(&world, "rr");
    assert_int_equal(world.record_count, 0);
    world_publish(&world, "dr");
    assert_int_equal(world.record_count, 1);
    assert_end(&world, ERR_DRAINED);
}

static void test_a_rule_that_goes_leaves_open_connections(void **state)
{
    (void)state;
    join();
    struct listener_table *before = world.listeners;
    world.listeners = NULL;
    world_publish(&world, "rr");
    world_say(client, "still");
    assert_string_equal(world_hear(backend), "still");
    world.listeners = before;
}

/* ---- told ------------------------------------------------------------------------------------- */

static void test_it_is_counted_as_it_passes_and_recorded_at_its_end(void **state)
{
    (void)state;
    join();
    world_say(client, "abc");
    world_say(backend, "abcdef");
    struct passing counted = passage_case_counted(&world);
    assert_int_equal(counter_get(&counted.count), 1);
    assert_int_equal(counter_get(&counted.open_count), 1);
    assert_int_equal(counter_get(&counted.client_bytes), 3);
    assert_int_equal(counter_get(&counted.server_bytes), 6);
    world_end(client);
    world_end(backend);
    counted = passage_case_counted(&world);
    assert_int_equal(counter_get(&counted.open_count), 0);
    assert_int_equal(counter_get(&counted.ends[ERR_OK]), 1);
    assert_int_equal(world.record_kind, RECORD_CONNECTION);
    assert_int_equal(world.request_body_bytes, 3);
    assert_int_equal(world.response_body_bytes, 6);
    assert_int_equal(world.record_count, 1);
    assert_int_equal(counter_get(&world.env.metrics.client_open_count), 0);
}

static void test_shutdown_lets_them_live_until_it_closes(void **state)
{
    (void)state;
    join();
    proxy_leave(&world.env);
    proxy_drain(&world.env);
    pretend_uv_settle();
    world_say(client, "still");
    assert_string_equal(world_hear(backend), "still");
    assert_int_equal(world.env.crowd.client_count, 1);
    proxy_close(&world.env);
    pretend_uv_settle();
    assert_word(client, "reset");
    assert_word(backend, "reset");
    assert_end(&world, ERR_SHUTDOWN);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_bytes_go_both_ways_whoever_speaks_first),
        CASE(test_the_next_connection_goes_to_who_has_fewer),
        CASE(test_each_side_may_end_first),
        CASE(test_the_client_gets_all_before_it_is_over),
        CASE(test_a_reset_goes_on_to_the_other_side),
        CASE(test_a_backend_that_has_said_its_last_and_is_gone_takes_nothing),
        CASE(test_silence_ends_it),
        CASE(test_without_a_limit_it_may_be_silent_for_ever),
        CASE(test_a_side_that_has_ended_and_is_gone_is_noticed),
        CASE(test_an_endpoint_that_drains_keeps_what_it_has),
        CASE(test_where_it_is_wanted_draining_resets),
        CASE(test_that_may_be_wanted_later),
        CASE(test_a_rule_that_goes_leaves_open_connections),
        CASE(test_it_is_counted_as_it_passes_and_recorded_at_its_end),
        CASE(test_shutdown_lets_them_live_until_it_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
