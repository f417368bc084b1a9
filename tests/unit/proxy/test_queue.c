/* Requests that wait for a place of an endpoint: in which order, how long, and who wakes them. */
#include "lb/proxy/queue.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

#define QUEUE_MS 3000u
#define CLIENTS  5u
#define CLOSES   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

static struct world world;
static struct pretend_uv_wire *clients[CLIENTS];

static struct env_options options_of(unsigned limit)
{
    struct env_options options = world_usual;
    options.policy.max_inflight = limit;
    options.policy.queue_max = 3;
    options.policy.queue_timeout_ms = QUEUE_MS;
    options.front.idle_timeout_ms = 60000;
    return options;
}

static void open_world_as(const struct env_options *options, const char *letters)
{
    world_open(&world, options, letters);
    for (unsigned i = 0; i < CLIENTS; i++)
        clients[i] = world_client(&world);
}

static void open_world(unsigned limit, const char *letters)
{
    struct env_options options = options_of(limit);
    open_world_as(&options, letters);
}

static void ask(unsigned at)
{
    char request[64];
    snprintf(request, sizeof(request), "GET /%u HTTP/1.1\r\nHost: a\r\n\r\n", at);
    world_say(clients[at], request);
}

static unsigned waiting_count(void)
{
    return admit_waiting_count(world.pool->services[0].kept);
}

static unsigned place_count(unsigned at)
{
    return atomic_load(endpoint_admitted_count(world.pool->services[0].endpoints[at]));
}

static void close_world(void)
{
    struct endpoint *endpoint = endpoint_ref(world.pool->services[0].endpoints[0]);
    struct service *service = service_ref(world.pool->services[0].kept);
    world_close(&world);
    assert_int_equal(atomic_load(endpoint_admitted_count(endpoint)), 0);
    assert_int_equal(admit_waiting_count(service), 0);
    service_unref(service);
    endpoint_unref(endpoint);
}

static void test_they_go_in_order_of_arrival(void **state)
{
    (void)state;
    open_world(1, "r");
    for (unsigned i = 0; i < 4; i++)
        ask(i);
    assert_int_equal(backend_count(), 1);
    assert_int_equal(waiting_count(), 3);
    for (unsigned i = 0; i < 4; i++) {
        char line[16];
        snprintf(line, sizeof(line), "GET /%u ", i);
        assert_heard(world_backend(0), line); /* all over one connection */
        world_say(world_backend(0), OK);
        assert_status(clients[i], "200");
    }
    assert_int_equal(backend_count(), 1);
    assert_int_equal(waiting_count(), 0);
    close_world();
}

static void test_a_connection_that_closes_makes_place(void **state)
{
    (void)state;
    open_world(2, "r");
    for (unsigned i = 0; i < 4; i++)
        ask(i);
    assert_int_equal(backend_count(), 2);
    world_say(world_backend(1), CLOSES);
    assert_true(
        world_backend(1)->was_shut); /* it knows before the next one comes, whatever holds a copy */
    assert_int_equal(backend_count(), 3);
    assert_heard(world_backend(2), "GET /2 ");
    world_reset(world_backend(0)); /* its request may be sent again: it waits with the others */
    assert_heard(world_backend(3), "GET /3 ");
    assert_int_equal(place_count(0), 2);
    world_say(world_backend(2), CLOSES);
    assert_heard(world_backend(4), "GET /0 ");
    close_world();
}

static void test_it_waits_for_its_patience_and_no_longer(void **state)
{
    (void)state;
    open_world(1, "r");
    ask(0);
    ask(1);
    pretend_uv_pass(QUEUE_MS - DEADLINE_SLACK_MS);
    assert_silent(clients[1]);
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
    const char *answer = world_hear(clients[1]);
    assert_memory_equal(answer, "HTTP/1.1 503", 12);
    assert_non_null(strstr(answer, "\r\nRetry-After: 1\r\n"));
    assert_end(&world, ERR_QUEUE_TIMEOUT);
    assert_int_equal(waiting_count(), 0);
    world_say(world_backend(0), OK);
    assert_status(clients[0], "200");
    close_world();
}

/* It cannot help that its service was paused meanwhile. */
static void test_a_pause_costs_no_patience(void **state)
{
    (void)state;
    open_world(1, "r");
    ask(0);
    ask(1);
    world.paused_until_ms = loop_now_ms(&world.loop) + 60000;
    world_publish(&world, "r");
    assert_int_equal(waiting_count(), 0);
    pretend_uv_pass(QUEUE_MS + 1000);
    world.paused_until_ms = 0;
    world_publish(&world, "r");
    assert_int_equal(waiting_count(), 1);
    world_say(world_backend(0), OK);
    world_say(world_backend(0), OK);
    assert_status(clients[1], "200");
    close_world();
}

static void test_no_more_wait_than_may(void **state)
{
    (void)state;
    open_world(1, "r");
    for (unsigned i = 0; i < 5; i++)
        ask(i);
    assert_int_equal(waiting_count(), 3);
    assert_status(clients[4], "503");
    assert_end(&world, ERR_QUEUE_FULL);
    close_world();
}

static void test_nobody_waits_where_none_is_to(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct env_options options = options_of(1);
        *(i == 0 ? &options.policy.queue_max : &options.policy.queue_timeout_ms) = 0;
        open_world_as(&options, "r");
        ask(0);
        ask(1);
        assert_status(clients[1], "503");
        assert_end(&world, ERR_QUEUE_FULL);
        close_world();
    }
}

static void test_the_others_are_asked_first(void **state)
{
    (void)state;
    open_world(1, "rrr");
    for (unsigned i = 0; i < 4; i++)
        ask(i);
    assert_int_equal(backend_count(), 3);
    assert_int_equal(waiting_count(), 1);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(place_count(i), 1);
    world_say(world_backend(1), OK);
    assert_heard(world_backend(1), "GET /3 ");
    close_world();
}

static void test_a_new_request_does_not_overtake(void **state)
{
    (void)state;
    open_world(1, "r");
    ask(0);
    ask(1);
    /* both come in one turn of the loop: the place and a newcomer */
    text_append_str(&world_backend(0)->sent, OK);
    text_append_str(&clients[2]->sent, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    pretend_uv_settle();
    const char *heard = world_hear(world_backend(0));
    assert_non_null(strstr(heard, "GET /1 "));
    assert_null(strstr(heard, "GET /2 "));
    close_world();
}

static void test_who_leaves_is_not_waited_for(void **state)
{
    (void)state;
    open_world(1, "r");
    for (unsigned i = 0; i < 3; i++)
        ask(i);
    world_reset(clients[1]);
    assert_int_equal(waiting_count(), 1);
    world_say(world_backend(0), OK);
    assert_heard(world_backend(0), "GET /2 ");
    close_world();
}

static void test_who_comes_takes_those_that_wait(void **state)
{
    (void)state;
    open_world(1, "r");
    for (unsigned i = 0; i < 3; i++)
        ask(i);
    world_publish(&world, "rr");
    assert_heard(world_backend(1), "GET /1 ");
    assert_int_equal(waiting_count(), 1);
    close_world();
}

static void test_a_limit_that_is_raised_or_lifted_lets_them_go(void **state)
{
    (void)state;
    open_world(1, "r");
    for (unsigned i = 0; i < 4; i++)
        ask(i);
    world.policy.max_inflight = 2;
    world_publish(&world, "r");
    assert_int_equal(backend_count(), 2);
    world.policy.max_inflight = 0;
    world_publish(&world, "r");
    assert_int_equal(backend_count(), 4);
    assert_int_equal(waiting_count(), 0);
    close_world();
}

static void test_a_limit_that_is_lowered_is_kept_as_they_end(void **state)
{
    (void)state;
    open_world(2, "r");
    for (unsigned i = 0; i < 3; i++)
        ask(i);
    world.policy.max_inflight = 1;
    world_publish(&world, "r");
    world_say(world_backend(0), OK);
    assert_word(world_backend(0), "closed");
    assert_int_equal(backend_count(), 2);
    world_say(world_backend(1), OK);
    assert_heard(world_backend(1), "GET /2 ");
    assert_int_equal(place_count(0), 1);
    close_world();
}

/* Those that are open hold no place; they serve no second request. */
static void test_a_limit_that_comes(void **state)
{
    (void)state;
    open_world(0, "r");
    ask(0);
    ask(1);
    world_say(world_backend(1), OK); /* idle now */
    world.policy.max_inflight = 1;
    world_publish(&world, "r");
    assert_word(world_backend(1), "closed");
    world_say(world_backend(0), OK);
    assert_word(world_backend(0), "closed");
    ask(2);
    ask(3);
    assert_int_equal(backend_count(), 3);
    assert_int_equal(waiting_count(), 1);
    close_world();
}

static void test_where_nobody_is_left_they_are_held(void **state)
{
    struct env_options options = options_of(1);
    (void)state;
    options.policy.hold_ms = 2000;
    open_world_as(&options, "r");
    ask(0);
    ask(1);
    world_publish(&world, "d");
    assert_int_equal(waiting_count(), 0);
    assert_int_equal(world.env.held_count, 1);
    world_publish(&world, "dr");
    assert_heard(world_backend(1), "GET /1 ");
    close_world();
}

static void test_the_dead_ones_requests_go_elsewhere(void **state)
{
    (void)state;
    open_world(1, "rr");
    for (unsigned i = 0; i < 4; i++)
        ask(i);
    world_publish(&world, "gr");
    world_say(world_backend(1), OK);
    assert_heard(world_backend(1), "GET /2 ");
    world_say(world_backend(1), OK);
    assert_heard(world_backend(1), "GET /3 ");
    close_world();
}

static void test_a_tunnel_holds_its_place(void **state)
{
    (void)state;
    open_world(1, "r");
    world_say(clients[0], ASKS);
    world_say(world_backend(0), GOES);
    ask(1);
    assert_int_equal(waiting_count(), 1);
    world_say(clients[0], "hello");
    assert_heard(world_backend(0), "hello");
    world_reset(clients[0]);
    assert_heard(world_backend(1), "GET /1 ");
    close_world();
}

static void test_a_retry_takes_a_new_place(void **state)
{
    (void)state;
    open_world(1, "rr");
    ask(0);
    ask(1);
    world_reset(world_backend(0)); /* the other one has its request */
    assert_int_equal(waiting_count(), 1);
    assert_int_equal(place_count(0) + place_count(1), 1);
    world_say(world_backend(1), OK);
    assert_status(clients[1], "200");
    assert_word(world_backend(1), "closed"); /* what is sent again goes over a fresh connection */
    assert_heard(world_backend(2), "GET /0 ");
    world_say(world_backend(2), OK);
    assert_status(clients[0], "200");
    assert_int_equal(world.attempt_count, 2);
    close_world();
}

static void test_shutdown_ends_all_waits(void **state)
{
    (void)state;
    open_world(1, "r");
    ask(0);
    ask(1);
    queue_give_up(&world.env, ERR_SHUTDOWN);
    assert_status(clients[1], "503");
    assert_end(&world, ERR_SHUTDOWN);
    close_world();
}

static void test_one_request_a_connection(void **state)
{
    struct env_options options = options_of(0);
    (void)state;
    options.policy.closes_upstreams = true;
    open_world_as(&options, "r");
    ask(0);
    const char *heard = world_hear(world_backend(0));
    assert_non_null(strstr(heard, "\r\nConnection: close\r\n\r\n"));
    world_say(world_backend(0), OK);
    assert_word(world_backend(0), "closed");
    assert_status(clients[0], "200");
    world_say(clients[1], ASKS); /* Connection says something else */
    heard = world_hear(world_backend(1));
    assert_null(strstr(heard, "close"));
    world.policy.closes_upstreams = false;
    world_publish(&world, "r");
    ask(2);
    heard = world_hear(world_backend(2));
    assert_non_null(strstr(heard, "GET /2"));
    assert_null(strstr(heard, "close"));
    close_world();
}

/* ---- another worker --------------------------------------------------------------------------- */

static void test_an_idle_connection_is_given_up_for_another_worker(void **state)
{
    (void)state;
    open_world(1, "r");
    ask(0);
    world_say(world_backend(0), OK);
    struct endpoint *endpoint = world.pool->services[0].endpoints[0];
    atomic_store(&endpoint->locals[0].asked_count, 1);
    proxy_serve(&world.env);
    pretend_uv_settle();
    assert_word(world_backend(0), "closed");
    assert_int_equal(place_count(0), 0);
    close_world();
}

/* It was taken just before: who asks for the next one is heard. */
static void test_what_was_asked_for_too_late_is_forgotten(void **state)
{
    (void)state;
    open_world(1, "r");
    ask(0);
    struct endpoint *endpoint = world.pool->services[0].endpoints[0];
    atomic_store(&endpoint->locals[0].asked_count, 1);
    proxy_serve(&world.env);
    world_say(world_backend(0), OK);
    assert_status(clients[0], "200");
    assert_int_equal(atomic_load(&endpoint->locals[0].asked_count), 0);
    close_world();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_go_in_order_of_arrival),
        cmocka_unit_test(test_a_connection_that_closes_makes_place),
        cmocka_unit_test(test_it_waits_for_its_patience_and_no_longer),
        cmocka_unit_test(test_a_pause_costs_no_patience),
        cmocka_unit_test(test_no_more_wait_than_may),
        cmocka_unit_test(test_nobody_waits_where_none_is_to),
        cmocka_unit_test(test_the_others_are_asked_first),
        cmocka_unit_test(test_a_new_request_does_not_overtake),
        cmocka_unit_test(test_who_leaves_is_not_waited_for),
        cmocka_unit_test(test_who_comes_takes_those_that_wait),
        cmocka_unit_test(test_a_limit_that_is_raised_or_lifted_lets_them_go),
        cmocka_unit_test(test_a_limit_that_is_lowered_is_kept_as_they_end),
        cmocka_unit_test(test_a_limit_that_comes),
        cmocka_unit_test(test_where_nobody_is_left_they_are_held),
        cmocka_unit_test(test_the_dead_ones_requests_go_elsewhere),
        cmocka_unit_test(test_a_tunnel_holds_its_place),
        cmocka_unit_test(test_a_retry_takes_a_new_place),
        cmocka_unit_test(test_shutdown_ends_all_waits),
        cmocka_unit_test(test_one_request_a_connection),
        cmocka_unit_test(test_an_idle_connection_is_given_up_for_another_worker),
        cmocka_unit_test(test_what_was_asked_for_too_late_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
