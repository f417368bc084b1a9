/* Much at a time goes through pipes, which are held only while bytes are in them. */
#include "lb/proxy/tunnel.h"

#include "lb/proxy/passage_state.h"
#include "tests/unit/proxy/passage_case.h"

#define PORTION 65536u

static struct world world;
static struct pretend_uv_wire *client, *backend;

static int set_up(void **state)
{
    (void)state;
    passage_case_begin(&world, &world_usual, NULL, 0);
    world_publish(&world, "r");
    pretend_uv.has_pipes = true;
    pretend_uv.segment_bytes = SIZE_MAX / 4;
    client = world_client(&world);
    backend = world_backend(0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    passage_case_end(&world);
    return 0;
}

/* Bytes of which none is where another one could be. */
static void say_numbers(struct pretend_uv_wire *wire, unsigned from, unsigned count)
{
    char line[16];
    for (unsigned i = from; i < from + count; i++) {
        snprintf(line, sizeof(line), "%09u\n", i);
        text_append_str(&wire->sent, line);
    }
    pretend_uv_settle();
}

static void assert_got_all(const struct pretend_uv_wire *to, const struct pretend_uv_wire *from)
{
    assert_int_equal(to->got.len, from->sent.len);
    assert_memory_equal(to->got.bytes, from->sent.bytes, from->sent.len);
}

static unsigned pipes_out(void)
{
    return world.loop.splices.count - world.loop.splices.kept_count;
}

static void test_bulk_goes_through_a_pipe_both_ways_and_none_is_kept(void **state)
{
    (void)state;
    say_numbers(client, 0, 100000);
    assert_int_equal(world.loop.splices.count, 1);
    assert_int_equal(pipes_out(), 0);
    say_numbers(backend, 0, 100000);
    assert_got_all(backend, client);
    assert_got_all(client, backend);
    assert_int_equal(world.loop.splices.count, 1);
    world_end(client);
    world_end(backend);
    assert_int_equal(world.request_body_bytes, 1000000);
    assert_int_equal(world.response_body_bytes, 1000000);
    assert_end(&world, ERR_OK);
}

static void test_a_few_bytes_need_no_pipe(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        say_numbers(client, i, 100);
        say_numbers(backend, i, 100);
    }
    assert_int_equal(world.loop.splices.count, 0);
    assert_got_all(backend, client);
}

static void test_after_bulk_a_few_bytes_are_copied_again(void **state)
{
    (void)state;
    say_numbers(client, 0, 50000);
    say_numbers(client, 50000, 10);
    say_numbers(client, 50010, 10);
    const struct passage *passage = list_entry(
        list_entry(world.env.crowd.guests.next, struct guest, node), struct passage, guest);
    assert_null(passage->client.splice);
    assert_got_all(backend, client);
}

static void test_a_side_that_takes_no_more_holds_a_pipe_and_nothing_is_read(void **state)
{
    (void)state;
    say_numbers(backend, 0, 30000);
    client->room = 1000;
    say_numbers(backend, 30000, 200000);
    assert_int_equal(pipes_out(), 1);
    assert_in_range(backend->read_at, 300000, 300000 + 8 * PORTION);
    assert_in_range(world.loop.blocks.used_bytes, 1, 8 * PORTION);
    for (unsigned i = 0; i < 4000 && client->got.len < backend->sent.len; i++)
        world_take(client, 777);
    assert_memory_equal(client->got.bytes, backend->sent.bytes, client->got.len);
    world_take(client, WORLD_ROOM);
    assert_got_all(client, backend);
    assert_int_equal(pipes_out(), 0);
    assert_int_equal(world.loop.blocks.used_bytes, 0);
}

static void test_a_pipe_that_is_stuck_is_given_back(void **state)
{
    (void)state;
    say_numbers(backend, 0, 30000);
    client->room = 0;
    say_numbers(backend, 30000, 200000);
    assert_int_equal(pipes_out(), 1);
    size_t read_at = backend->read_at;
    pretend_uv_pass(3000);
    assert_int_equal(pipes_out(), 0);
    assert_int_equal(backend->read_at, read_at);
    world_take(client, 100000);
    world_take(client, WORLD_ROOM);
    assert_got_all(client, backend);
    assert_int_equal(world.loop.blocks.used_bytes, 0);
}

static void test_an_end_behind_bulk_comes_last(void **state)
{
    (void)state;
    say_numbers(backend, 0, 30000);
    client->room = 1000;
    say_numbers(backend, 30000, 100000);
    world_end(backend);
    world_end(client);
    assert_word(client, "open");
    world_take(client, WORLD_ROOM);
    assert_got_all(client, backend);
    assert_word(client, "closed");
    assert_end(&world, ERR_OK);
}

static void test_one_that_goes_while_its_pipe_is_full(void **state)
{
    (void)state;
    say_numbers(backend, 0, 30000);
    client->room = 1000;
    say_numbers(backend, 30000, 100000);
    assert_int_equal(pipes_out(), 1);
    world_reset(client);
    assert_end(&world, ERR_CLIENT_GONE);
    assert_word(backend, "reset");
    assert_int_equal(pipes_out(), 0);
}

static void test_where_no_pipe_is_to_be_had_bytes_are_copied(void **state)
{
    (void)state;
    pretend_uv.has_pipes = false;
    say_numbers(client, 0, 100000);
    client->room = 5;
    say_numbers(backend, 0, 100000);
    world_take(client, WORLD_ROOM);
    assert_got_all(backend, client);
    assert_got_all(client, backend);
}

static void test_a_client_that_takes_none_of_a_pipe_is_given_up(void **state)
{
    (void)state;
    say_numbers(backend, 0, 30000);
    client->room = 0;
    say_numbers(backend, 30000, 100000);
    for (unsigned i = 0; i < 3; i++) {
        pretend_uv_pass(PASSAGE_IDLE_MS - DEADLINE_SLACK_MS);
        assert_int_equal(world.record_count, 0);
        world_take(client, 10000);
    }
    pretend_uv_pass(PASSAGE_IDLE_MS + DEADLINE_SLACK_MS); /* the latest look saw it take some */
    pretend_uv_pass(PASSAGE_IDLE_MS + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_CLIENT_STALLED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_bulk_goes_through_a_pipe_both_ways_and_none_is_kept),
        CASE(test_a_few_bytes_need_no_pipe),
        CASE(test_after_bulk_a_few_bytes_are_copied_again),
        CASE(test_a_side_that_takes_no_more_holds_a_pipe_and_nothing_is_read),
        CASE(test_a_pipe_that_is_stuck_is_given_back),
        CASE(test_an_end_behind_bulk_comes_last),
        CASE(test_one_that_goes_while_its_pipe_is_full),
        CASE(test_where_no_pipe_is_to_be_had_bytes_are_copied),
        CASE(test_a_client_that_takes_none_of_a_pipe_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
