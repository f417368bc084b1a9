/* Requests of a service that is paused by order: they wait, with whatever patience, until it is not. */
#include "lb/proxy/hold.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

#define HOLD_MS 3000u

static struct world world;
static struct pretend_uv_wire *client;

static void open_world(const char *letters, unsigned hold_ms)
{
    struct env_options options = world_usual;
    options.policy.hold_ms = hold_ms;
    options.front.idle_timeout_ms = 600000;
    world_open(&world, &options, letters);
    client = world_client(&world);
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

/* From now on; 0 ends it. */
static void pause_for(uint64_t ms, const char *letters)
{
    world.paused_until_ms = ms > 0 ? loop_now_ms(&world.loop) + ms : 0;
    world_publish(&world, letters);
}

static void assert_served(void)
{
    world_say(world_backend(backend_count() - 1), OK);
    assert_status(client, "200");
}

static void test_requests_wait_though_somebody_is_there(void **state)
{
    (void)state;
    open_world("r", 0);
    pause_for(20000, "r");
    world_say(client, GET);
    pretend_uv_pass(19000);
    assert_silent(client);
    assert_int_equal(world.env.held_count, 1);
    assert_int_equal(backend_count(), 0);
    pause_for(0, "r");
    assert_served();
}

static void test_they_go_on_in_their_order(void **state)
{
    (void)state;
    open_world("r", 0);
    pause_for(20000, "r");
    struct pretend_uv_wire *second = world_client(&world);
    world_say(second, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    world_say(client, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    pause_for(30000, "r"); /* prolonged: nobody loses its place */
    pause_for(0, "r");
    assert_heard(world_backend(0), "GET /1 ");
    assert_heard(world_backend(1), "GET /2 ");
}

static void test_what_runs_goes_on(void **state)
{
    (void)state;
    open_world("r", 0);
    world_say(client, GET);
    pause_for(20000, "r");
    assert_served();
}

static void test_patience_is_the_later_of_both(void **state)
{
    (void)state;
    open_world("r", HOLD_MS);
    pause_for(1000, "r");
    world_say(client, GET);
    pretend_uv_pass(1500); /* its end comes late */
    assert_silent(client);
    pause_for(0, "u"); /* and nobody is there */
    pretend_uv_pass(1000);
    assert_silent(client);
    pretend_uv_pass(1000);
    assert_status(client, "503");
    assert_end(&world, ERR_NO_ENDPOINT);
}

static void test_a_longer_pause_holds_those_that_wait(void **state)
{
    (void)state;
    open_world("r", 0);
    pause_for(1000, "r");
    world_say(client, GET);
    pause_for(60000, "r");
    pretend_uv_pass(50000);
    assert_silent(client);
    pause_for(0, "r");
    assert_served();
}

static void test_an_end_that_nobody_tells_is_one(void **state)
{
    (void)state;
    open_world("r", 0);
    pause_for(1000, "r");
    world_say(client, GET);
    pretend_uv_pass(1000 + HOLD_PAUSE_LATE_MS + 2 * DEADLINE_SLACK_MS);
    assert_status(client, "503");
}

static void test_a_service_whose_servers_are_swapped(void **state)
{
    (void)state;
    open_world("r", 0);
    pause_for(300000, "r");
    world_say(client, GET);
    world_publish(&world, "g");
    world_publish(&world, "");
    pretend_uv_pass(200000); /* more than HOLD_MEMORY_MS */
    assert_silent(client);
    world_publish(&world, "r");
    assert_silent(client);
    pause_for(0, "r");
    assert_served();
}

static void test_who_finds_no_room_is_told_when_to_come_again(void **state)
{
    struct pretend_uv_wire *clients[4];
    (void)state;
    open_world("r", 0);
    pause_for(20000, "r");
    for (unsigned i = 0; i < 4; i++) {
        clients[i] = world_client(&world);
        world_say(clients[i], GET);
    }
    assert_int_equal(world.env.held_count, 3);
    assert_heard(clients[3], "Retry-After: 20\r\n");
    assert_end(&world, ERR_PAUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_requests_wait_though_somebody_is_there, tear_down),
        cmocka_unit_test_teardown(test_they_go_on_in_their_order, tear_down),
        cmocka_unit_test_teardown(test_what_runs_goes_on, tear_down),
        cmocka_unit_test_teardown(test_patience_is_the_later_of_both, tear_down),
        cmocka_unit_test_teardown(test_a_longer_pause_holds_those_that_wait, tear_down),
        cmocka_unit_test_teardown(test_an_end_that_nobody_tells_is_one, tear_down),
        cmocka_unit_test_teardown(test_a_service_whose_servers_are_swapped, tear_down),
        cmocka_unit_test_teardown(test_who_finds_no_room_is_told_when_to_come_again, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
