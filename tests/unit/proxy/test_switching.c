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

static void test_it_begins_behind_the_request_where_that_comes_later(void **state)
{
    struct pretend_uv_wire *other = world_client(&world);
    (void)state;
    world_say(other, "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n"
                     "Content-Length: 5\r\n\r\n12");
    struct pretend_uv_wire *early = world_backend(1);
    assert_heard(early, "\r\n\r\n12");
    world_say(early, GOES "first");
    assert_heard(other, "\r\n\r\nfirst");
    world_say(other, "345behind");
    assert_string_equal(world_hear(early), "345behind");
    world_say(early, "second");
    assert_string_equal(world_hear(other), "second");
    world_end(early);
    world_end(other);
    assert_end(&world, ERR_OK);
    assert_int_equal(world.request_body_bytes, 11);
    assert_int_equal(world.response_body_bytes, 11);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_upgrade_that_is_declined_is_an_answer),
        CASE(test_one_that_nobody_asked_for_is_a_bad_answer),
        CASE(test_it_begins_at_once_where_all_of_the_request_is_sent),
        CASE(test_its_end_is_the_end_of_a_request_that_was_answered),
        CASE(test_it_begins_behind_the_request_where_that_comes_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
