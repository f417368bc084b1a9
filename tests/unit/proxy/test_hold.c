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
        assert_in_range(backend_count(), 3, 3 + 3 * cases[i].told_ms / HOLD_KNOCK_MS);
        refuse_for(400 + 3 * 100); /* each once more */
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
    pretend_uv_pass(HOLD_KNOCK_MS + HOLD_LOOK_MS + DEADLINE_SLACK_MS);
    world_say(world_backend(2), OK);
    assert_status(client, "200");
    world_close(&world);
}

/* ---- many wait, and one listens again -------------------------------------------------------- */

#define WAIT_COUNT_HERE 20u
#define STEP_MS         50u

static char many_letters[513];

static const char *letters_of(unsigned count)
{
    memset(many_letters, 'r', count);
    many_letters[count] = '\0';
    return many_letters;
}

/* Of the connects since `*first`; all others are refused. Gives how many it took. */
static unsigned listen_alone(const struct address *peer, unsigned *first)
{
    unsigned taken_count = 0;
    for (struct pretend_uv_wire *wire; (wire = world_backend(*first)); ++*first) {
        bool is_taken = peer && address_eq(&wire->peer, peer);
        if (strcmp(world_word_of(wire), "connecting") != 0)
            continue;
        world_connect(wire, is_taken ? 0 : UV_ECONNREFUSED);
        if (!is_taken)
            continue;
        taken_count++;
        world_say(wire, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    return taken_count;
}

static unsigned listen_for(const struct address *peer, unsigned *first, unsigned ms)
{
    unsigned taken_count = listen_alone(peer, first);
    for (unsigned passed_ms = 0; passed_ms < ms; passed_ms += STEP_MS) {
        pretend_uv_pass(STEP_MS);
        taken_count += listen_alone(peer, first);
    }
    return taken_count;
}

static void open_crowded_world(unsigned count, struct pretend_uv_wire **clients)
{
    struct env_options options = world_usual;
    options.policy.hold_ms = LONG_MS;
    options.exchange.max_held_count = WAIT_COUNT_HERE;
    options.front.idle_timeout_ms = 60000;
    world_open(&world, &options, letters_of(count));
    pretend_uv.connects_at_once = false;
    pretend_uv_pass(2 * ATTEMPT_JUST_REFUSED_MS);
    for (unsigned i = 0; i < WAIT_COUNT_HERE; i++) {
        clients[i] = world_client(&world);
        world_say(clients[i], GET);
    }
}

static void test_who_listens_again_serves_all_that_wait(void **state)
{
    static const unsigned counts[] = {1, 2, 10, 30};
    struct pretend_uv_wire *clients[WAIT_COUNT_HERE];
    (void)state;
    for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        unsigned first = 0;
        open_crowded_world(counts[i], clients);
        listen_for(NULL, &first, 1200);
        assert_int_equal(world.env.held_count, WAIT_COUNT_HERE);
        struct address peer = world.pool->services[0].endpoints[counts[i] / 2]->address;
        listen_for(&peer, &first, HOLD_KNOCK_MS + 2 * HOLD_LOOK_MS);
        for (unsigned j = 0; j < WAIT_COUNT_HERE; j++)
            assert_status(clients[j], "200");
        world_close(&world);
    }
}

/* It was a new request that found out. */
static void test_who_takes_a_new_request_is_told_to_all_that_wait(void **state)
{
    struct pretend_uv_wire *clients[WAIT_COUNT_HERE];
    unsigned first = 0;
    (void)state;
    open_crowded_world(3, clients);
    listen_for(NULL, &first, 2 * STEP_MS);
    struct address peer = world.pool->services[0].endpoints[1]->address;
    world.env.options.max_held_count++;
    world_say(world_client(&world), GET);
    listen_for(&peer, &first, 2 * STEP_MS);
    for (unsigned j = 0; j < WAIT_COUNT_HERE; j++)
        assert_status(clients[j], "200");
    world_close(&world);
}

/* Those that wait ask for one another: not each one for itself. */
static void test_what_it_costs_to_wait(void **state)
{
    static const unsigned counts[] = {2, 30};
    struct pretend_uv_wire *clients[WAIT_COUNT_HERE];
    (void)state;
    for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        unsigned first = 0;
        open_crowded_world(counts[i], clients);
        listen_for(NULL, &first, HOLD_LOOK_MS);
        unsigned asked_count = first;
        listen_for(NULL, &first, 4 * HOLD_KNOCK_MS);
        assert_in_range(first - asked_count, 2 * counts[i], 4 * counts[i] + 4);
        world_close(&world);
    }
}

/* It listens since the last time that anybody knocked. */
static void test_it_tries_once_more_before_it_is_told(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 3; count++) {
        unsigned first = 0;
        open_patient_world(letters_of(count), LONG_MS);
        listen_for(NULL, &first, LONG_MS + 200);
        assert_status(client, "502");
        world_say(client, GET);
        listen_for(NULL, &first, HOLD_OLD_NEWS_MS - 2 * STEP_MS);
        assert_silent(client);
        struct address peer = world.pool->services[0].endpoints[0]->address;
        assert_int_equal(listen_for(&peer, &first, 4 * STEP_MS), 1);
        assert_status(client, "200");
        world_close(&world);
    }
}

static void test_one_that_failed_it_before_all_were_out_is_asked_again(void **state)
{
    (void)state;
    open_world("r");
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
    world_offer(&world, VIEW("u"));
    world_connect(world_backend(0), UV_ECONNREFUSED);
    assert_int_equal(world.env.held_count, 1);
    world_publish(&world, "r");
    assert_non_null(world_backend(1));
    world_connect(world_backend(1), 0);
    world_say(world_backend(1), OK);
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
        cmocka_unit_test(test_who_listens_again_serves_all_that_wait),
        cmocka_unit_test(test_who_takes_a_new_request_is_told_to_all_that_wait),
        cmocka_unit_test(test_what_it_costs_to_wait),
        cmocka_unit_test(test_it_tries_once_more_before_it_is_told),
        cmocka_unit_test(test_one_that_failed_it_before_all_were_out_is_asked_again),
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
