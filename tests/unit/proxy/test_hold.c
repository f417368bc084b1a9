/* Requests that wait for an endpoint: who may, how long, and who wakes them. */
#include "lb/proxy/hold.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

#define HOLD_MS 3000u

static struct world world;
static struct pretend_uv_wire *client;

static void open_world(const char *letters)
{
    struct env_options options = world_usual;
    options.policy.hold_ms = HOLD_MS;
    options.front.idle_timeout_ms = 60000;
    world_open(&world, &options, letters);
    client = world_client(&world);
}

static void test_it_waits_for_its_patience_and_no_longer(void **state)
{
    (void)state;
    open_world("u");
    world_say(client, GET);
    pretend_uv_pass(HOLD_MS - DEADLINE_SLACK_MS);
    assert_silent(client);
    assert_int_equal(world.env.held_count, 1);
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
    assert_status(client, "503");
    assert_end(&world, ERR_NO_ENDPOINT);
    assert_int_equal(world.env.held_count, 0);
    world_close(&world);
}

static void test_who_comes_wakes_all_that_wait(void **state)
{
    (void)state;
    open_world("u");
    struct pretend_uv_wire *second = world_client(&world);
    world_say(client, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    world_say(second, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    pretend_uv_pass(1000);
    assert_null(world_backend(0));
    world_publish(&world, "r");
    assert_heard(world_backend(0), "GET /1 "); /* first come, first served */
    assert_heard(world_backend(1), "GET /2 ");
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    assert_int_equal(world.env.held_count, 0);
    world_close(&world);
}

static void test_no_more_wait_than_may(void **state)
{
    struct pretend_uv_wire *clients[4];
    (void)state;
    open_world("u");
    for (unsigned i = 0; i < 4; i++) {
        clients[i] = world_client(&world);
        world_say(clients[i], GET);
    }
    assert_int_equal(world.env.held_count, 3);
    assert_silent(clients[2]);
    assert_status(clients[3], "503");
    world_close(&world);
}

/* Every connect is refused for so long. */
static void refuse_for(unsigned ms)
{
    for (unsigned passed_ms = 0; passed_ms < ms; passed_ms += 100) {
        pretend_uv_pass(100);
        refuse_waiting();
    }
}

static void open_patient_world(const char *letters, unsigned hold_ms)
{
    struct env_options options = world_usual;
    options.policy.hold_ms = hold_ms;
    options.policy.outlier.failures_max = 3;
    options.front.idle_timeout_ms = 60000;
    world_open(&world, &options, letters);
    client = world_client(&world);
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
    while (refuse_waiting() > 0)
        continue;
}

static void test_who_has_just_begun_to_refuse_is_news_for_long(void **state)
{
    static const struct {
        unsigned hold_ms, told_ms;
    } cases[] = {{12000, 12000}, {5000, 5000}, {500, 500}};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        open_patient_world("rrr", cases[i].hold_ms);
        refuse_for(cases[i].told_ms - 200);
        assert_silent(client);
        assert_in_range(backend_count(), 3, 3 + cases[i].told_ms / HOLD_KNOCK_MS);
        refuse_for(400);
        assert_status(client, "502");
        assert_end(&world, ERR_REFUSED);
        world_close(&world);
    }
}

#define LONG_MS 10000u

static void test_who_has_long_refused_is_no_news(void **state)
{
    (void)state;
    open_patient_world("r", LONG_MS);
    refuse_for(LONG_MS + 200);
    assert_status(client, "502");
    world_say(client, GET);
    refuse_for(HOLD_OLD_NEWS_MS - 200);
    assert_silent(client);
    refuse_for(400);
    assert_status(client, "502");
    world_say(client, GET); /* it listens again, and dies anew: that is news */
    world_connect(world_backend(backend_count() - 1), 0);
    world_say(world_backend(backend_count() - 1),
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert_status(client, "200");
    world_say(client, GET);
    refuse_for(LONG_MS - 200);
    assert_silent(client);
    world_close(&world);
}

static void test_a_port_that_is_open_again_is_found(void **state)
{
    (void)state;
    open_patient_world("rr", 60000);
    pretend_uv.connects_at_once = true;
    pretend_uv_pass(HOLD_KNOCK_MS + DEADLINE_SLACK_MS);
    world_say(world_backend(2), OK);
    assert_status(client, "200");
    world_close(&world);
}

/* The last one that was asked is known to die, not so the first one. */
static void test_news_come_of_one_after_the_other(void **state)
{
    (void)state;
    open_world("rr");
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
    refuse_waiting();
    struct address first;
    assert_true(address_parse_ip(VIEW("10.0.0.1"), 80, &first));
    bool is_first = address_eq(&world_backend(1)->peer, &first);
    world_offer(&world, is_first ? VIEW("dr") : VIEW("rd"));
    refuse_waiting();
    assert_silent(client);
    world_publish(&world, "gg");
    world_publish(&world, "ggr");
    world_connect(world_backend(2), 0);
    world_say(world_backend(2), OK);
    assert_status(client, "200");
    world_close(&world);
}

/* As addresses do of which nobody knows any more: a network says so after seconds. */
static void test_all_refuse_after_a_long_time(void **state)
{
    (void)state;
    open_patient_world("u", 60000);
    world_publish(&world, "rrrrrrrr");
    for (unsigned i = 0; i < 30; i++)
        pretend_uv_pass(100);
    assert_int_equal(backend_count(), RETRY_USUAL_ATTEMPTS_MAX);
    while (refuse_waiting() > 0)
        continue;
    assert_silent(client);
    assert_int_equal(world.env.held_count, 1);
    world_close(&world);
}

/* The other one is gone, so there is a panic, and who was ejected for refusing is all there is. */
static void test_news_of_one_that_is_ejected(void **state)
{
    (void)state;
    open_patient_world("rr", 60000);
    world.policy.panic_below_percent = 25;
    world.pool->services[0].endpoints[0]->is_ejected = true;
    world_publish(&world, "rg");
    assert_true(world.env.pool->services[0].is_panicking);
    refuse_for(2 * HOLD_KNOCK_MS);
    assert_true(backend_count() > 2);
    assert_silent(client);
    world_publish(&world, "ggr");
    world_connect(world_backend(backend_count() - 1), 0);
    world_say(world_backend(backend_count() - 1), OK);
    assert_status(client, "200");
    world_close(&world);
}

/* Those that failed before it was out meanwhile are asked again. */
static void test_one_that_was_out_and_is_back_is_asked(void **state)
{
    (void)state;
    open_patient_world("rr", 60000);
    world_publish(&world, "ru");
    assert_int_equal(backend_count(), 2);
    world_publish(&world, "rr");
    assert_int_equal(backend_count(), 3);
    world_connect(world_backend(2), 0);
    world_say(world_backend(2), OK);
    assert_status(client, "200");
    world_close(&world);
}

static void test_news_that_another_one_is_there(void **state)
{
    (void)state;
    open_world("rg");
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
    world_connect(world_backend(0), UV_ECONNREFUSED);
    world_publish(&world, "gr");
    world_connect(world_backend(1), 0);
    world_say(world_backend(1), OK);
    assert_status(client, "200");
    world_close(&world);
}

static void test_news_that_nobody_is_there_gives_it_all_its_patience(void **state)
{
    (void)state;
    open_world("r");
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
    world_connect(world_backend(0), UV_ECONNREFUSED);
    world_publish(&world, "u");
    pretend_uv_pass(HOLD_OLD_NEWS_MS + 2 * DEADLINE_SLACK_MS);
    assert_silent(client);
    world_publish(&world, "r"); /* the same one may be tried again */
    assert_non_null(world_backend(1));
    world_close(&world);
}

static void test_a_service_that_has_long_been_empty_is_not_waited_for(void **state)
{
    (void)state;
    open_world("r");
    world_publish(&world, "g");
    world_say(client, GET);
    assert_silent(client); /* a moment ago somebody was there */
    pretend_uv_pass(HOLD_MS + DEADLINE_SLACK_MS);
    assert_status(client, "503");
    pretend_uv_pass(HOLD_MEMORY_MS / 2);
    client = world_client(&world);
    pretend_uv_pass(HOLD_MEMORY_MS / 2);
    world_say(client, GET);
    assert_status(client, "503");
    assert_int_equal(world.env.held_count, 0);
    world_close(&world);
}

static void test_who_waits_for_a_service_that_stays_empty_is_told(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    options.policy.hold_ms = 4 * HOLD_MEMORY_MS;
    world_open(&world, &options, "r");
    client = world_client(&world);
    world_publish(&world, "g");
    world_say(client, GET);
    pretend_uv_pass(HOLD_MEMORY_MS + 1);
    assert_silent(client);
    world_publish(&world, "g"); /* nobody, again */
    assert_status(client, "503");
    assert_end(&world, ERR_NO_ENDPOINT);
    world_close(&world);
}

static void test_a_client_that_left_is_not_served_late(void **state)
{
    (void)state;
    open_world("u");
    world_say(client, GET);
    world_end(client);
    assert_end(&world, ERR_CLIENT_GONE);
    world_publish(&world, "r");
    assert_null(world_backend(0));
    world_close(&world);
}

static void test_lb_that_ends_tells_those_who_wait(void **state)
{
    (void)state;
    open_world("u");
    world_say(client, GET);
    proxy_close(&world.env);
    pretend_uv_settle();
    assert_status(client, "503");
    assert_end(&world, ERR_SHUTDOWN);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_waits_for_its_patience_and_no_longer),
        cmocka_unit_test(test_who_comes_wakes_all_that_wait),
        cmocka_unit_test(test_no_more_wait_than_may),
        cmocka_unit_test(test_who_has_just_begun_to_refuse_is_news_for_long),
        cmocka_unit_test(test_who_has_long_refused_is_no_news),
        cmocka_unit_test(test_a_port_that_is_open_again_is_found),
        cmocka_unit_test(test_news_come_of_one_after_the_other),
        cmocka_unit_test(test_all_refuse_after_a_long_time),
        cmocka_unit_test(test_news_of_one_that_is_ejected),
        cmocka_unit_test(test_one_that_was_out_and_is_back_is_asked),
        cmocka_unit_test(test_news_that_another_one_is_there),
        cmocka_unit_test(test_news_that_nobody_is_there_gives_it_all_its_patience),
        cmocka_unit_test(test_a_service_that_has_long_been_empty_is_not_waited_for),
        cmocka_unit_test(test_who_waits_for_a_service_that_stays_empty_is_told),
        cmocka_unit_test(test_a_client_that_left_is_not_served_late),
        cmocka_unit_test(test_lb_that_ends_tells_those_who_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
