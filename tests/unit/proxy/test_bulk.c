/* Large bodies by pipes: byte for byte what a copied body is, with the same pauses, counts and ends. */
#include "lb/proxy/bulk.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

#define BODY 900000

static struct world world;
static struct pretend_uv_wire *client;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, &world_usual, "r");
    pretend_uv.has_pipes = true;
    client = world_client(&world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static void append_body(struct pretend_uv_wire *wire, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_append_char(&wire->sent, (char)('a' + i * 7 % 26));
    pretend_uv_settle();
}

static void check_body(const struct pretend_uv_wire *from, const struct pretend_uv_wire *to)
{
    assert_true(to->got.len > BODY);
    assert_memory_equal(from->sent.bytes + from->sent.len - BODY,
                        to->got.bytes + to->got.len - BODY, BODY);
}

static void test_an_answer(void **state)
{
    (void)state;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    assert_int_equal(world.loop.splices.count, 1);
    append_body(world_backend(0), BODY);
    check_body(world_backend(0), client);
    assert_int_equal(world.response_body_bytes, BODY);
    assert_end(&world, ERR_OK);
    world_say(client, GET); /* both connections go on */
    world_say(world_backend(0), OK);
    assert_int_equal(backend_count(), 1);
    assert_int_equal(world.record_count, 2);
}

static void test_an_answer_to_a_slow_client(void **state)
{
    (void)state;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    client->room = 0;
    append_body(world_backend(0), BODY);
    assert_in_range(world_backend(0)->read_at, 1, 600000);
    for (unsigned i = 0; i < 40; i++)
        world_take(client, 25000);
    check_body(world_backend(0), client);
    assert_end(&world, ERR_OK);
}

static void test_an_answer_that_is_cut(void **state)
{
    (void)state;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    append_body(world_backend(0), BODY / 2);
    world_end(world_backend(0));
    assert_end(&world, ERR_UPSTREAM_TRUNCATED);
    assert_int_equal(world.response_body_bytes, BODY / 2);
    assert_string_not_equal(world_word_of(client), "open");
}

static void test_a_client_that_leaves(void **state)
{
    (void)state;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    client->room = 0;
    append_body(world_backend(0), BODY);
    world_reset(client);
    assert_end(&world, ERR_CLIENT_GONE);
    assert_string_not_equal(world_word_of(world_backend(0)), "open");
    assert_int_equal(world.loop.splices.count, world.loop.splices.kept_count);
}

static void test_a_request(void **state)
{
    (void)state;
    world_say(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    append_body(client, BODY);
    check_body(client, world_backend(0));
    world_say(world_backend(0), OK);
    assert_int_equal(world.request_body_bytes, BODY);
    assert_end(&world, ERR_OK);
    assert_int_equal(world.loop.splices.kept_count, 1); /* one was used */
    world_hear(client);
    world_say(client, GET); /* its end was seen, so that the connection goes on */
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    assert_int_equal(world.record_count, 2);
}

static void test_a_request_to_a_slow_backend(void **state)
{
    (void)state;
    world_say(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    world_backend(0)->room = 100000;
    append_body(client, BODY);
    assert_in_range(client->read_at, 1, 700000);
    for (unsigned i = 0; i < 40; i++)
        world_take(world_backend(0), 25000);
    check_body(client, world_backend(0));
    world_say(world_backend(0), OK);
    assert_end(&world, ERR_OK);
}

static void test_small_bodies_are_copied(void **state)
{
    (void)state;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 131071\r\n\r\n");
    assert_int_equal(world.loop.splices.count, 0);
}

static void test_chunks_are_copied(void **state)
{
    (void)state;
    world_say(client, GET);
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n");
    assert_int_equal(world.loop.splices.count, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_answer),
        CASE(test_an_answer_to_a_slow_client),
        CASE(test_an_answer_that_is_cut),
        CASE(test_a_client_that_leaves),
        CASE(test_a_request),
        CASE(test_a_request_to_a_slow_backend),
        CASE(test_small_bodies_are_copied),
        CASE(test_chunks_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
