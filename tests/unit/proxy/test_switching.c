/* 101: who gets it, who must not, and when the tunnel begins. */
#include "lb/proxy/switching.h"

#include "tests/unit/proxy/proxy_case.h"

static struct world world;
static struct pretend_uv_wire *client, *backend;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, &world_usual, "r");
    client = world_client(&world);
    world_say(client, ASKS);
    backend = world_backend(0);
    world_hear(backend);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static void test_an_upgrade_that_is_declined_is_an_answer(void **state)
{
    (void)state;
    world_say(backend, OK);
    assert_status(client, "200");
    world_say(client, GET);
    assert_heard(backend, "GET / ");
    world_say(backend, OK);
    assert_int_equal(world.record_count, 2);
}

static void test_one_that_nobody_asked_for_is_a_bad_answer(void **state)
{
    static const struct {
        const char *request, *answer;
    } rows[] = {
        {GET, GOES},                                               /* no Upgrade */
        {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n", GOES}, /* not for this hop */
        {"GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", GOES},
        {ASKS, "HTTP/1.1 101 Go\r\nConnection: upgrade\r\n\r\n"}, /* to what? */
    };
    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pretend_uv_wire *other = world_client(&world), *asked;
        world_say(other, rows[i].request);
        asked = world_backend(backend_count() - 1);
        world_say(asked, rows[i].answer);
        assert_status(other, "502");
        assert_end(&world, ERR_UPSTREAM_INVALID);
        assert_int_equal(world.record_count, i + 1);
        assert_word(asked, "closed");
    }
}

static void test_it_begins_at_once_where_all_of_the_request_is_sent(void **state)
{
    (void)state;
    world_say(backend, GOES);
    assert_status(client, "101");
    world_say(client, "GET / HTTP/1.1\r\n\r\n");
    assert_string_equal(world_hear(backend), "GET / HTTP/1.1\r\n\r\n");
    assert_int_equal(world.record_count, 0);
}

static void test_its_end_is_the_end_of_a_request_that_was_answered(void **state)
{
    (void)state;
    world_say(backend, GOES);
    world_end(client);
    world_end(backend);
    assert_end(&world, ERR_OK);
    assert_int_equal(world.status, 101);
    assert_int_equal(world.record_count, 1);
}

/* A client that asks with a body of which two bytes of five are there. */
static struct pretend_uv_wire *ask_with_body(void)
{
    struct pretend_uv_wire *other = world_client(&world);
    world_say(other, "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n"
                     "Content-Length: 5\r\n\r\n12");
    return other;
}

static void test_what_is_left_of_the_request_goes_before_it(void **state)
{
    struct pretend_uv_wire *other = ask_with_body();
    (void)state;
    struct pretend_uv_wire *early = world_backend(1);
    assert_heard(early, "\r\n\r\n12");
    world_say(early, GOES "first");
    world_say(early, "second");
    assert_status(other, "101");
    world_say(other, "345behind");
    assert_string_equal(world_hear(early), "345behind");
    assert_string_equal(world_hear(other), "firstsecond");
    world_end(early);
    world_end(other);
    assert_end(&world, ERR_OK);
}

static void test_a_backend_that_is_lost_before_the_request_is_sent(void **state)
{
    struct pretend_uv_wire *other = ask_with_body();
    (void)state;
    world_say(world_backend(1), GOES);
    world_reset(world_backend(1));
    world_say(other, "345");
    assert_end(&world, ERR_UPSTREAM_TRUNCATED);
    pretend_uv_pass(1000 + DEADLINE_SLACK_MS); /* once the 101 has arrived */
    assert_word(other, "reset");
}

static void test_a_backend_that_is_lost_while_the_request_waits(void **state)
{
    struct pretend_uv_wire *other = ask_with_body();
    (void)state;
    world_say(world_backend(1), GOES);
    world_backend(1)->room = 0;
    world_say(other, "3");
    assert_int_equal(world.record_count, 0);
    world_reset(world_backend(1));
    world_say(other, "45");
    assert_end(&world, ERR_UPSTREAM_TRUNCATED);
}

static void test_a_client_that_takes_the_101_late(void **state)
{
    struct pretend_uv_wire *other = ask_with_body();
    (void)state;
    other->room = 0;
    world_say(world_backend(1), GOES "first");
    world_take(other, WORLD_ROOM);
    assert_status(other, "101");
    world_say(world_backend(1), "second");
    assert_silent(other);
    world_say(other, "345");
    assert_string_equal(world_hear(other), "firstsecond");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_upgrade_that_is_declined_is_an_answer),
        CASE(test_one_that_nobody_asked_for_is_a_bad_answer),
        CASE(test_it_begins_at_once_where_all_of_the_request_is_sent),
        CASE(test_its_end_is_the_end_of_a_request_that_was_answered),
        CASE(test_what_is_left_of_the_request_goes_before_it),
        CASE(test_a_backend_that_is_lost_before_the_request_is_sent),
        CASE(test_a_backend_that_is_lost_while_the_request_waits),
        CASE(test_a_client_that_takes_the_101_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
