/* Tries: who is asked next after which failure, and what may be sent again. */
#include "lb/proxy/attempt.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

static struct world world;
static struct pretend_uv_wire *client;

static void open_world(const char *letters)
{
    world_open(&world, &world_usual, letters);
    client = world_client(&world);
}

static void test_what_may_be_sent_again(void **state)
{
    static const struct {
        const char *request;
        const char *part; /* of the answer, before the reset */
        bool is_sent_again;
    } cases[] = {
        {GET, "", true},
        {PUT "1234567890", "", true},
        {PUT "12345", "", true},
        {POST "1234567890", "", false},
        {POST "12345", "", false},
        {GET, "HTTP/1.1 200 OK\r\n", true}, /* the client has got nothing of it */
        {GET, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", false},
        {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        open_world("rr");
        world_say(client, cases[i].request);
        world_say(world_backend(0), cases[i].part);
        world_reset(world_backend(0));
        assert_int_equal(backend_count(), cases[i].is_sent_again ? 2 : 1);
        if (cases[i].is_sent_again) {
            assert_string_equal(world_hear(world_backend(1)), world_hear(world_backend(0)));
            assert_false(address_eq(&world_backend(0)->peer, &world_backend(1)->peer));
        } else {
            assert_int_equal(world.record_count, 1);
        }
        world_close(&world);
    }
}

static void test_a_body_too_large_to_keep_is_not_sent_again(void **state)
{
    (void)state;
    open_world("rr");
    world_say(client, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
    world_say_filler(client, 150000);
    world_reset(world_backend(0));
    assert_status(client, "502");
    assert_int_equal(backend_count(), 1);
    world_close(&world);
}

static void test_a_fin_that_came_before_the_request_lets_any_method_go_again(void **state)
{
    static const struct {
        int unacknowledged;
        uint64_t acknowledged;
        bool is_sent_again;
    } cases[] = {{100, 1, true}, {0, 1, false}, {100, 60, false}};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        open_world("rr");
        world_say(client, POST "1234567890");
        world_backend(0)->unacknowledged_bytes = cases[i].unacknowledged;
        world_backend(0)->acknowledged_bytes = cases[i].acknowledged;
        world_end(world_backend(0));
        assert_int_equal(backend_count(), cases[i].is_sent_again ? 2 : 1);
        world_close(&world);
    }
}

/* Also on a connection that had served before; the others to that host are not tried. */
static void test_a_lost_host_counts_and_its_idle_connections_go(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    options.policy.outlier.failures_max = 3;
    world_open(&world, &options, "rr");
    for (unsigned i = 0; i < 4; i++) {
        client = world_client(&world);
        world_say(client, GET);
    }
    for (unsigned i = 0; i < 4; i++)
        world_say(world_backend(i), OK);
    world_say(client, GET);
    assert_int_equal(backend_count(), 4);
    world_backend(2)->retransmits = 3; /* the latest one is used first */
    pretend_uv_pass(2000 + DEADLINE_SLACK_MS);
    assert_word(world_backend(0), "closed");
    assert_word(world_backend(1), "open");
    assert_word(world_backend(2), "closed");
    assert_int_equal(backend_count(), 5);
    struct endpoint *endpoint = world.pool->services[0].endpoints[0];
    assert_int_equal(endpoint->locals[0].failure_count, 1);
    assert_int_equal(atomic_load(&endpoint->streaks), 1);
    world_say(world_backend(4), OK);
    assert_status(client, "200");
    world_close(&world);
}

static void test_an_idle_connection_that_ended_costs_a_fresh_one(void **state)
{
    (void)state;
    open_world("r");
    world_say(client, GET);
    world_say(world_backend(0), OK);
    world_hear(client);
    world_say(client, GET);
    assert_int_equal(backend_count(), 1);
    world_end(world_backend(0));
    assert_int_equal(backend_count(), 2); /* the only endpoint, again */
    world_say(world_backend(1), OK);
    assert_status(client, "200");
    assert_int_equal(world.attempt_count, 2);
    assert_int_equal(world.replay_count, 1);
    world_close(&world);
}

static void test_after_an_idle_connection_that_ended_no_other_idle_one_is_tried(void **state)
{
    (void)state;
    open_world("r");
    struct pretend_uv_wire *second = world_client(&world);
    world_say(client, GET);
    world_say(second, GET);
    world_say(world_backend(0), OK);
    world_say(world_backend(1), OK);
    world_say(client, GET);
    world_reset(world_backend(1)); /* the latest used goes first */
    assert_non_null(world_backend(2));
    world_say(world_backend(2), OK);
    assert_int_equal(world.record_count, 3);
    world_close(&world);
}

static void test_a_client_that_sends_waits_while_another_endpoint_is_asked(void **state)
{
    (void)state;
    open_world("rr");
    world_say(client, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n12345");
    pretend_uv.connects_at_once = false;
    world_reset(world_backend(0));
    size_t before = client->read_at;
    world_say_filler(client, 100000);
    assert_int_equal(client->read_at, before);
    world_connect(world_backend(1), 0);
    assert_heard(world_backend(1), "\r\n\r\n12345xxx");
    world_close(&world);
}

static void test_retries_are_paid_for(void **state)
{
    (void)state;
    open_world("rr");
    const struct routes *routes = &world.env.pool->routes;
    struct service_local *service =
        service_use(routes_service(routes), 0, routes->otherwise.policy);
    service->retry_budget.saved_percent = 0;
    service->retry_budget.share_percent = 40;
    for (unsigned i = 1; i <= 3; i++) { /* the third has saved up one */
        unsigned before = backend_count();
        world_say(client, GET);
        world_reset(world_backend(before));
        assert_int_equal(backend_count() - before, i == 3 ? 2 : 1);
    }
    assert_int_equal(counter_get(&world.env.metrics.retry_denied_count), 2);
    assert_int_equal(counter_get(&service->traffic.retry_denied_count), 2);
    service_release(service);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_may_be_sent_again),
        cmocka_unit_test(test_a_body_too_large_to_keep_is_not_sent_again),
        cmocka_unit_test(test_a_fin_that_came_before_the_request_lets_any_method_go_again),
        cmocka_unit_test(test_a_lost_host_counts_and_its_idle_connections_go),
        cmocka_unit_test(test_an_idle_connection_that_ended_costs_a_fresh_one),
        cmocka_unit_test(test_after_an_idle_connection_that_ended_no_other_idle_one_is_tried),
        cmocka_unit_test(test_a_client_that_sends_waits_while_another_endpoint_is_asked),
        cmocka_unit_test(test_retries_are_paid_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
