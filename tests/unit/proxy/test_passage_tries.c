/* A connection of a client at a TCP listener, until it is joined: whom it is tried with, what it waits for. */
#include "lb/proxy/passage.h"

#include "tests/unit/proxy/passage_case.h"

static struct world world;
static struct pretend_uv_wire *client, *backend;

static int set_up_without_pool(void **state)
{
    (void)state;
    passage_case_begin(&world, &world_usual, NULL, 0);
    return 0;
}

static int set_up(void **state)
{
    set_up_without_pool(state);
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

/* ---- the tries -------------------------------------------------------------------------------- */

static void test_another_endpoint_is_tried_for_one_that_refuses(void **state)
{
    (void)state;
    pretend_uv.connects_at_once = false;
    client = world_client(&world);
    world_connect(world_backend(0), UV_ECONNREFUSED);
    world_say(client, "first");
    backend = world_backend(1);
    world_connect(backend, 0);
    assert_string_equal(world_hear(backend), "first");
    assert_word(client, "open");
    world_end(client);
    world_end(backend);
    assert_int_equal(world.attempt_count, 2);
}

static void test_another_endpoint_is_tried_beside_one_that_is_slow(void **state)
{
    (void)state;
    pretend_uv.connects_at_once = false;
    client = world_client(&world);
    pretend_uv_pass(world_usual.policy.connect_timeout_ms + DEADLINE_SLACK_MS);
    world_connect(world_backend(1), 0);
    assert_word(world_backend(0), "closed");
    world_say(client, "x");
    assert_string_equal(world_hear(world_backend(1)), "x");
}

static void test_one_that_begins_to_drain_while_it_connects_is_left_for_another(void **state)
{
    (void)state;
    world.policy.drains_by_reset = 1;
    world_publish(&world, "r");
    pretend_uv.connects_at_once = false;
    client = world_client(&world);
    world_publish(&world, "dr");
    world_connect(world_backend(0), 0);
    assert_word(world_backend(0), "closed");
    world_connect(world_backend(1), 0);
    world_say(client, "x");
    assert_string_equal(world_hear(world_backend(1)), "x");
    assert_int_equal(endpoint_failure_count(world.pool->services[0].endpoints[0]), 0);
    client = world_client(&world);
    world_publish(&world, "dd");
    world_connect(world_backend(2), 0);
    assert_word(client, "reset");
    assert_end(&world, ERR_DRAINED);
}

static void test_where_all_refuse_the_client_is_reset(void **state)
{
    (void)state;
    pretend_uv.connects_at_once = false;
    client = world_client(&world);
    while (refuse_waiting() > 0)
        ;
    assert_word(client, "reset");
    assert_end(&world, ERR_REFUSED);
    assert_int_equal(backend_count(), 2);
}

static void test_one_that_is_reset_before_a_word_is_as_if_refused(void **state)
{
    (void)state;
    join();
    world_reset(backend);
    assert_word(client, "open");
    assert_int_equal(backend_count(), 2);
    world_say(world_backend(1), "220");
    assert_string_equal(world_hear(client), "220");
    world_end(client);
    world_end(world_backend(1));
    assert_end(&world, ERR_OK);
    assert_int_equal(world.attempt_count, 2);
    assert_int_equal(endpoint_failure_count(world.pool->services[0].endpoints[0]) +
                         endpoint_failure_count(world.pool->services[0].endpoints[1]),
                     1);
}

static void test_one_that_has_got_a_word_is_not_tried_again(void **state)
{
    (void)state;
    join();
    world_say(client, "INSERT");
    world_reset(backend);
    assert_word(client, "reset");
    assert_int_equal(backend_count(), 1);
    assert_end(&world, ERR_UPSTREAM_TRUNCATED);
}

static void test_one_that_says_goodbye_at_once_is_believed(void **state)
{
    (void)state;
    join();
    world_end(backend);
    assert_word(client, "fin");
    assert_int_equal(backend_count(), 1);
    world_end(client);
    assert_end(&world, ERR_OK);
}

static void test_resets_before_a_word_eject_an_endpoint(void **state)
{
    (void)state;
    world.policy.outlier = (struct outlier_rules){.failures_max = 3, .eject_ms = 1000};
    world_publish(&world, "r");
    for (unsigned i = 0; i < 2; i++) {
        join();
        world_say(client, "x");
        world_reset(backend);
    }
    const struct endpoint *endpoint = world.pool->services[0].endpoints[0];
    assert_int_equal(atomic_load(&endpoint->streaks), 2);
    join();
    world_say(backend, "220");
    world_reset(client);
    assert_int_equal(atomic_load(&endpoint->streaks), 0);
}

/* The last number of its address. The connection is over then: those that are open count as load. */
static unsigned backend_of(const char *address)
{
    client = world_client_from(address);
    backend = world_backend(backend_count() - 1);
    world_reset(client);
    return ntohl(backend->peer.socket.v4.sin_addr.s_addr) & 255;
}

static void test_who_is_hashed_stays_where_it_was(void **state)
{
    (void)state;
    world.balance = "hash client";
    world_publish(&world, "rrrrrrrr");
    unsigned seen = 0;
    for (unsigned i = 1; i < 9; i++) {
        char address[32];
        snprintf(address, sizeof(address), "198.51.100.%u:%u", i, 1000 + i);
        unsigned first = backend_of(address);
        snprintf(address, sizeof(address), "198.51.100.%u:%u", i, 2000 + i);
        assert_int_equal(backend_of(address), first);
        seen |= 1u << first;
    }
    assert_true((seen & (seen - 1)) != 0);
    world.balance = "hash connection";
    world_publish(&world, "rrrrrrrr");
    for (unsigned port = 1, seen_by_port = 0; (seen_by_port & (seen_by_port - 1)) == 0; port++) {
        char address[32];
        assert_true(port < 50);
        snprintf(address, sizeof(address), "198.51.100.1:%u", port);
        seen_by_port |= 1u << backend_of(address);
    }
}

/* ---- waiting ---------------------------------------------------------------------------------- */

static void hold(void)
{
    world.policy.hold_ms = 5000;
    world_publish(&world, "rr");
    world_publish(&world, "gg");
    client = world_client(&world);
    assert_int_equal(backend_count(), 0);
    assert_word(client, "open");
}

static void test_who_comes_while_the_only_server_restarts_gets_the_next(void **state)
{
    (void)state;
    hold();
    world_say(client, "early ");
    world_say(client, "words");
    world_publish(&world, "r");
    assert_string_equal(world_hear(world_backend(0)), "early words");
    world_say(client, "!");
    assert_string_equal(world_hear(world_backend(0)), "!");
}

static void test_patience_ends(void **state)
{
    (void)state;
    hold();
    pretend_uv_pass(5000 + DEADLINE_SLACK_MS);
    assert_word(client, "reset");
    assert_end(&world, ERR_NO_ENDPOINT);
}

static void test_who_leaves_while_waiting_is_forgotten(void **state)
{
    (void)state;
    hold();
    world_end(client);
    assert_end(&world, ERR_CLIENT_GONE);
    client = world_client(&world);
    world_reset(client);
    assert_int_equal(world.record_count, 2);
    assert_int_equal(world.env.held_count, 0);
}

static void test_who_has_said_all_while_waiting_is_served(void **state)
{
    (void)state;
    hold();
    world_say(client, "all of it");
    world_end(client);
    assert_int_equal(world.record_count, 0);
    world_publish(&world, "r");
    backend = world_backend(0);
    assert_string_equal(world_hear(backend), "all of it");
    assert_word(backend, "fin");
    world_say(backend, "answer");
    world_end(backend);
    assert_string_equal(world_hear(client), "answer");
    assert_end(&world, ERR_OK);
}

static void test_what_is_read_while_it_waits_is_bounded(void **state)
{
    (void)state;
    hold();
    world_say_filler(client, 100000);
    assert_in_range(client->read_at, 1, 20000);
    world_publish(&world, "r");
    assert_int_equal(client->read_at, 100000);
    assert_int_equal(text_view(&world_backend(0)->got).len, 100000);
}

static void test_it_waits_for_the_first_snapshot(void **state)
{
    (void)state;
    world.policy.hold_ms = 5000;
    struct env_options options = world_usual;
    options.policy.hold_ms = 5000;
    proxy_configure(&world.env, &options);
    client = world_client(&world);
    world_say(client, "x");
    world_publish(&world, "r");
    assert_string_equal(world_hear(world_backend(0)), "x");
    assert_word(client, "open");
}

static void test_places_are_held_until_it_ends(void **state)
{
    (void)state;
    world.policy.max_inflight = 1;
    world.policy.queue_max = 1;
    world.policy.queue_timeout_ms = 5000;
    world_publish(&world, "r");
    join();
    struct pretend_uv_wire *second = world_client(&world), *third = world_client(&world);
    assert_int_equal(backend_count(), 1);
    assert_word(third, "reset");
    assert_end(&world, ERR_QUEUE_FULL);
    world_say(second, "at last");
    world_end(client);
    world_end(backend);
    assert_string_equal(world_hear(world_backend(1)), "at last");
}

static void test_the_queue_ends_too(void **state)
{
    (void)state;
    world.policy.max_inflight = 1;
    world.policy.queue_max = 1;
    world.policy.queue_timeout_ms = 5000;
    world_publish(&world, "r");
    join();
    struct pretend_uv_wire *second = world_client(&world);
    pretend_uv_pass(5000 + DEADLINE_SLACK_MS);
    assert_word(second, "reset");
    assert_end(&world, ERR_QUEUE_TIMEOUT);
}

/* ---- nowhere ---------------------------------------------------------------------------------- */

static void test_a_listener_that_leads_nowhere_resets(void **state)
{
    (void)state;
    struct listener_table *before = world.listeners;
    world.listeners = NULL;
    world_publish(&world, "rr");
    client = world_client(&world);
    assert_word(client, "reset");
    assert_end(&world, ERR_NO_ROUTE);
    world.listeners = before;
}

static void test_clients_beyond_the_limit_are_reset(void **state)
{
    (void)state;
    struct env_options options = world_usual;
    options.front.max_client_count = 2;
    proxy_configure(&world.env, &options);
    join();
    join();
    struct pretend_uv_wire *third = world_client(&world);
    assert_word(third, "reset");
    assert_end(&world, ERR_TOO_MANY);
    world_reset(client);
    join();
}

static void test_one_client_has_its_share_of_connections(void **state)
{
    (void)state;
    static struct quota quota;
    struct env_options options = world_usual;
    quota_init(&quota, 2, 1);
    options.front.quota = &quota;
    proxy_configure(&world.env, &options);
    join();
    join();
    struct pretend_uv_wire *third = world_client(&world);
    assert_word(third, "reset");
    assert_end(&world, ERR_TOO_MANY_OF_CLIENT);
    assert_word(world_client_from("192.0.2.8:1"), "open");
    world_reset(client);
    join();
    proxy_close(&world.env);
    pretend_uv_settle();
}

static void test_who_holds_most_is_cut_off_when_memory_is_full(void **state)
{
    (void)state;
    struct env_options options = world_usual;
    options.exchange.max_buffer_bytes = 40000;
    proxy_configure(&world.env, &options);
    struct pretend_uv_wire *clients[40];
    for (unsigned i = 0; i < 40; i++) {
        join();
        clients[i] = client;
        client->room = 0;
        world_say_filler(backend, 3000);
    }
    unsigned reset_count = 0;
    for (unsigned i = 0; i < 40; i++)
        reset_count += clients[i]->was_reset;
    assert_in_range(reset_count, 1, 39);
    assert_in_range(world.loop.blocks.used_bytes, 1, 48000);
    assert_end(&world, ERR_NO_MEMORY);
}

#define CASE(name)     cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define POOLLESS(name) cmocka_unit_test_setup_teardown(name, set_up_without_pool, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_another_endpoint_is_tried_for_one_that_refuses),
        CASE(test_another_endpoint_is_tried_beside_one_that_is_slow),
        CASE(test_one_that_begins_to_drain_while_it_connects_is_left_for_another),
        CASE(test_where_all_refuse_the_client_is_reset),
        CASE(test_one_that_is_reset_before_a_word_is_as_if_refused),
        CASE(test_one_that_has_got_a_word_is_not_tried_again),
        CASE(test_one_that_says_goodbye_at_once_is_believed),
        CASE(test_resets_before_a_word_eject_an_endpoint),
        CASE(test_who_is_hashed_stays_where_it_was),
        CASE(test_who_comes_while_the_only_server_restarts_gets_the_next),
        CASE(test_patience_ends),
        CASE(test_who_leaves_while_waiting_is_forgotten),
        CASE(test_who_has_said_all_while_waiting_is_served),
        CASE(test_what_is_read_while_it_waits_is_bounded),
        POOLLESS(test_it_waits_for_the_first_snapshot),
        CASE(test_places_are_held_until_it_ends),
        CASE(test_the_queue_ends_too),
        CASE(test_a_listener_that_leads_nowhere_resets),
        CASE(test_clients_beyond_the_limit_are_reset),
        CASE(test_one_client_has_its_share_of_connections),
        CASE(test_who_holds_most_is_cut_off_when_memory_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
