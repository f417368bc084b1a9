/* Connects of one request: refused ones, and those that take long beside others (dial). */
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

static void open_slow_world(const char *letters)
{
    open_world(letters);
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
}

static void test_refused_by_one_another_is_asked(void **state)
{
    (void)state;
    open_slow_world("rrr");
    world_connect(world_backend(0), UV_ECONNREFUSED);
    world_connect(world_backend(1), UV_ECONNREFUSED);
    world_connect(world_backend(2), 0);
    world_say(world_backend(2), OK);
    assert_status(client, "200");
    assert_int_equal(world.attempt_count, 3);
    world_close(&world);
}

static void test_refused_by_all(void **state)
{
    (void)state;
    open_slow_world("rr");
    world_connect(world_backend(0), UV_ECONNREFUSED);
    world_connect(world_backend(1), UV_ECONNREFUSED);
    assert_status(client, "502");
    assert_end(&world, ERR_REFUSED);
    assert_int_equal(backend_count(), 2);
    world_close(&world);
}

#define MANY "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"

static void empty_budget(void)
{
    const struct routes *routes = &world.env.pool->routes;
    struct service_local *service =
        service_use(routes_service(routes), 0, routes->otherwise.policy);
    service->retry_budget = (struct retry_budget){0};
    service_release(service);
}

/* It troubles nobody, so it costs nothing, and is tried with everybody. */
static void test_the_one_that_is_well_is_found_among_many_that_refuse(void **state)
{
    static const char *const requests[] = {GET, POST "1234567890"};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        open_world(MANY);
        pretend_uv.connects_at_once = false;
        empty_budget();
        world_say(client, requests[i]);
        for (unsigned refused = 0; refused < strlen(MANY) - 1; refused++)
            assert_int_equal(refuse_waiting(), 1);
        world_connect(world_backend(strlen(MANY) - 1), 0);
        world_say(world_backend(strlen(MANY) - 1), OK);
        assert_status(client, "200");
        assert_int_equal(world.attempt_count, strlen(MANY));
        assert_int_equal(counter_get(&world.env.metrics.retry_denied_count), 0);
        world_close(&world);
    }
}

static void test_refused_by_many_each_is_asked_once(void **state)
{
    (void)state;
    open_slow_world(MANY);
    for (unsigned i = 0; i < strlen(MANY); i++) {
        for (unsigned j = 0; j < i; j++)
            assert_false(address_eq(&world_backend(i)->peer, &world_backend(j)->peer));
        assert_int_equal(refuse_waiting(), 1);
    }
    assert_status(client, "502");
    assert_int_equal(backend_count(), strlen(MANY));
    world_close(&world);
}

/* Who refused is not the next one's second choice. */
static void test_who_comes_next_finds_it_at_its_second_try(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    options.policy.outlier.failures_max = 3;
    world_open(&world, &options, MANY);
    client = world_client(&world);
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
    for (unsigned refused = 0; refused < strlen(MANY) - 1; refused++)
        refuse_waiting();
    unsigned well = strlen(MANY) - 1;
    struct address peer = world_backend(well)->peer;
    world_connect(world_backend(well), 0);
    struct pretend_uv_wire *second = world_client(&world);
    world_say(second, GET);
    refuse_waiting();
    assert_int_equal(backend_count(), strlen(MANY) + 2);
    assert_true(address_eq(&world_backend(well + 2)->peer, &peer));
    world_close(&world);
}

/* The first request asks all; those that come soon after it are told soon. */
static void test_what_a_request_costs_where_all_are_dead(void **state)
{
    static const unsigned counts[] = {1, ATTEMPT_REFUSED_MAX, ATTEMPT_REFUSED_MAX + 1, 30, 500};
    (void)state;
    for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        char letters[513] = "";
        unsigned least = counts[i] < ATTEMPT_REFUSED_MAX ? counts[i] : ATTEMPT_REFUSED_MAX;
        memset(letters, 'r', counts[i]);
        open_world(letters);
        pretend_uv.connects_at_once = false;
        pretend_uv_pass(2 * ATTEMPT_JUST_REFUSED_MS);
        for (unsigned round = 0; round < 4; round++) {
            unsigned before = backend_count();
            client = world_client(&world);
            world_say(client, GET);
            while (refuse_waiting() > 0)
                continue;
            assert_status(client, "502");
            assert_int_equal(backend_count() - before, round % 3 == 0 ? counts[i] : least);
            if (round == 2)
                pretend_uv_pass(ATTEMPT_JUST_REFUSED_MS + 1);
        }
        world_close(&world);
    }
}

/* Whoever listens is found, however many are known not to. */
static void test_the_only_one_that_is_well_among_500(void **state)
{
    char letters[501] = "";
    (void)state;
    memset(letters, 'r', 500);
    for (unsigned at = 0; at < 500; at += 83) {
        unsigned first = 0;
        open_world(letters);
        pretend_uv.connects_at_once = false;
        pretend_uv_pass(2 * ATTEMPT_JUST_REFUSED_MS);
        struct address well = world.pool->services[0].endpoints[at]->address;
        for (unsigned request = 0; request < 5; request++) {
            client = world_client(&world);
            world_say(client, GET);
            for (struct pretend_uv_wire *wire; (wire = world_backend(first)); first++) {
                bool is_well = address_eq(&wire->peer, &well);
                world_connect(wire, is_well ? 0 : UV_ECONNREFUSED);
                if (is_well)
                    world_say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                                    "Connection: close\r\n\r\n");
            }
            assert_status(client, "200");
        }
        world_close(&world);
    }
}

static unsigned open_count(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < backend_count(); i++)
        count += strcmp(world_word_of(world_backend(i)), "connecting") == 0;
    return count;
}

/* They cost time, and their backends may have too much to do already. */
static void test_connects_that_take_long_are_counted(void **state)
{
    (void)state;
    open_slow_world(MANY);
    for (unsigned i = 0; i < 40; i++)
        pretend_uv_pass(100);
    assert_int_equal(open_count(), RETRY_USUAL_ATTEMPTS_MAX);
    assert_int_equal(backend_count(), RETRY_USUAL_ATTEMPTS_MAX);
    world_connect(world_backend(3), UV_ECONNREFUSED); /* another one may be asked instead */
    assert_int_equal(open_count(), RETRY_USUAL_ATTEMPTS_MAX);
    assert_int_equal(backend_count(), RETRY_USUAL_ATTEMPTS_MAX + 1);
    world_connect(world_backend(8), 0);
    assert_heard(world_backend(8), "GET / ");
    world_close(&world);
}

/* As where a network says after seconds that there is no such host. */
static void test_refusals_that_come_late_end_with_its_patience(void **state)
{
    unsigned passed_ms = 0;
    (void)state;
    open_slow_world(MANY);
    empty_budget();
    for (; world.record_count == 0 && passed_ms < 30000; passed_ms += 1000) {
        pretend_uv_pass(1000);
        refuse_waiting();
    }
    assert_status(client, "502");
    assert_in_range(passed_ms, world_usual.policy.last_connect_timeout_ms,
                    world_usual.policy.last_connect_timeout_ms + 2000);
    world_close(&world);
}

/* Who was connected meanwhile has as much patience with later refusals as anybody. */
static void test_a_connection_ends_the_patience_that_was_used_up(void **state)
{
    (void)state;
    open_slow_world("rrrr");
    world_connect(world_backend(0), UV_ECONNREFUSED);
    world_connect(world_backend(1), 0);
    pretend_uv_pass(7000);
    world_reset(world_backend(1));
    world_connect(world_backend(2), UV_ECONNREFUSED);
    assert_non_null(world_backend(3));
    world_connect(world_backend(3), 0);
    world_say(world_backend(3), OK);
    assert_status(client, "200");
    world_close(&world);
}

/* A container is killed: its idle connection is reset, and the next ones refuse. */
static void test_a_stale_connection_and_many_that_refuse(void **state)
{
    (void)state;
    open_world(MANY);
    world_say(client, GET);
    world_say(world_backend(0), OK);
    world_hear(client);
    struct address killed = world_backend(0)->peer;
    pretend_uv.connects_at_once = false;
    for (unsigned turn = 1; turn < strlen(MANY); turn++) /* until it is that one's turn again */
        balance_pick(routes_find(&world.env.pool->routes), &(struct balance_tried){0});
    world_say(client, GET);
    world_reset(world_backend(0));
    for (unsigned refused = 0; refused < strlen(MANY) - 2; refused++)
        assert_int_equal(refuse_waiting(), 1);
    unsigned last = backend_count() - 1;
    assert_false(address_eq(&world_backend(last)->peer, &killed));
    world_connect(world_backend(last), 0);
    world_say(world_backend(last), OK);
    assert_status(client, "200");
    assert_int_equal(world.replay_count, 1);
    world_close(&world);
}

/* A fresh one may do; those that refused are not asked again for it. */
static void test_after_a_stale_connection_its_endpoint_alone_is_asked_again(void **state)
{
    (void)state;
    open_world("rrr");
    world_say(client, GET);
    world_say(world_backend(0), OK);
    world_hear(client);
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
    refuse_waiting();
    refuse_waiting();
    assert_int_equal(backend_count(), 3);
    world_reset(world_backend(0));
    assert_true(address_eq(&world_backend(3)->peer, &world_backend(0)->peer));
    refuse_waiting();
    assert_status(client, "502");
    assert_int_equal(backend_count(), 4);
    world_close(&world);
}

static void test_no_more_connect_at_once_than_there_is_room_for(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    options.policy.retry.attempts_max = 2 * DIAL_TRIES_MAX;
    world_open(&world, &options, MANY);
    client = world_client(&world);
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
    for (unsigned i = 0; i < 40; i++)
        pretend_uv_pass(100);
    assert_int_equal(open_count(), DIAL_TRIES_MAX);
    world_close(&world);
}

static void test_an_idle_connection_that_had_ended_before_costs_nothing(void **state)
{
    (void)state;
    open_world("r");
    world_say(client, GET);
    world_say(world_backend(0), OK);
    world_hear(client);
    empty_budget();
    world_say(client, POST "1234567890");
    world_backend(0)->unacknowledged_bytes = 1000;
    world_end(world_backend(0));
    world_say(world_backend(1), OK);
    assert_status(client, "200");
    world_close(&world);
}

/* It accepts and resets, always: that is no refusal. */
static void test_who_accepts_and_resets_is_not_asked_for_ever(void **state)
{
    (void)state;
    open_world("r");
    world_say(client, POST);
    for (unsigned i = 0; i < 20 && world_backend(i); i++) {
        world_backend(i)->unacknowledged_bytes = 1000; /* it got none of the request */
        world_backend(i)->acknowledged_bytes = 1;
        world_end(world_backend(i));
    }
    assert_status(client, "502");
    assert_int_equal(backend_count(), RETRY_USUAL_ATTEMPTS_MAX);
    world_close(&world);
}

static void test_lb_has_no_socket(void **state)
{
    (void)state;
    open_world("r");
    pretend_uv.fails_connect = true;
    pretend_uv.connect_fault = UV_EMFILE;
    world_say(client, GET);
    assert_status(client, "503");
    assert_end(&world, ERR_NO_SOCKET);
    world_close(&world);
}

/* Of the service that requests go to. */
static uint64_t failures_of(enum err err)
{
    const struct service *service = routes_service(&world.env.pool->routes);
    return counter_get(&service->locals[0].traffic.failures[err - TRAFFIC_FAILURE_FIRST]);
}

static void test_a_slow_connect_goes_on_beside_another(void **state)
{
    (void)state;
    for (unsigned winner = 0; winner < 2; winner++) {
        open_slow_world("rr");
        pretend_uv_pass(world_usual.policy.connect_timeout_ms - DEADLINE_SLACK_MS);
        assert_int_equal(backend_count(), 1);
        pretend_uv_pass(2 * DEADLINE_SLACK_MS);
        assert_int_equal(backend_count(), 2);
        world_connect(world_backend(winner), 0);
        assert_word(world_backend(1 - winner), "closed");
        assert_heard(world_backend(winner), "GET / ");
        assert_int_equal(failures_of(ERR_CONNECT_TIMEOUT),
                         winner == 1 ? 1 : 0); /* who was overtaken is to blame */
        world_say(world_backend(winner), OK);
        assert_status(client, "200");
        world_close(&world);
    }
}

static struct endpoint *endpoint_at(unsigned backend)
{
    struct pool_service *service = &world.pool->services[0];
    for (unsigned i = 0; i < service->endpoint_count; i++)
        if (address_eq(&service->endpoints[i]->address, &world_backend(backend)->peer))
            return service->endpoints[i];
    return NULL;
}

/* Its address may be somebody else's by the time somebody accepts there. */
static void test_who_went_meanwhile_gets_nothing(void **state)
{
    (void)state;
    open_slow_world("rr");
    atomic_store(&endpoint_at(0)->state, ENDPOINT_GONE);
    world_connect(world_backend(0), 0);
    assert_word(world_backend(0), "closed");
    assert_int_equal(backend_count(), 2);
    world_connect(world_backend(1), 0);
    assert_heard(world_backend(1), "GET / ");
    world_say(world_backend(1), OK);
    assert_status(client, "200");
    world_close(&world);
}

static void test_the_only_endpoint_gets_all_the_time_there_is(void **state)
{
    (void)state;
    open_slow_world("r");
    for (unsigned i = 0; i < 48; i++)
        pretend_uv_pass(100);
    assert_silent(client);
    assert_int_equal(backend_count(), 1);
    for (unsigned i = 0; i < 25; i++) /* each step of it may be late */
        pretend_uv_pass(100);
    assert_status(client, "504");
    assert_end(&world, ERR_CONNECT_TIMEOUT);
    world_close(&world);
}

static void test_a_client_that_leaves_takes_all_connects_with_it(void **state)
{
    (void)state;
    open_slow_world("rr");
    pretend_uv_pass(world_usual.policy.connect_timeout_ms + DEADLINE_SLACK_MS);
    world_reset(client);
    assert_word(world_backend(0), "closed");
    assert_word(world_backend(1), "closed");
    assert_end(&world, ERR_CLIENT_GONE);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_by_one_another_is_asked),
        cmocka_unit_test(test_refused_by_all),
        cmocka_unit_test(test_the_one_that_is_well_is_found_among_many_that_refuse),
        cmocka_unit_test(test_refused_by_many_each_is_asked_once),
        cmocka_unit_test(test_what_a_request_costs_where_all_are_dead),
        cmocka_unit_test(test_the_only_one_that_is_well_among_500),
        cmocka_unit_test(test_who_comes_next_finds_it_at_its_second_try),
        cmocka_unit_test(test_connects_that_take_long_are_counted),
        cmocka_unit_test(test_refusals_that_come_late_end_with_its_patience),
        cmocka_unit_test(test_a_connection_ends_the_patience_that_was_used_up),
        cmocka_unit_test(test_a_stale_connection_and_many_that_refuse),
        cmocka_unit_test(test_after_a_stale_connection_its_endpoint_alone_is_asked_again),
        cmocka_unit_test(test_no_more_connect_at_once_than_there_is_room_for),
        cmocka_unit_test(test_an_idle_connection_that_had_ended_before_costs_nothing),
        cmocka_unit_test(test_who_accepts_and_resets_is_not_asked_for_ever),
        cmocka_unit_test(test_lb_has_no_socket),
        cmocka_unit_test(test_a_slow_connect_goes_on_beside_another),
        cmocka_unit_test(test_who_went_meanwhile_gets_nothing),
        cmocka_unit_test(test_the_only_endpoint_gets_all_the_time_there_is),
        cmocka_unit_test(test_a_client_that_leaves_takes_all_connects_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
