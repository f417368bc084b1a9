/* Bytes between two streams: order, back-pressure, pipes, half-close. */
#include "stream_pair.h"

#include <signal.h>

#include "lb/base/rng.h"

static void check_got(const struct end *end, const struct text *want)
{
    assert_int_equal(end->got.len, want->len);
    assert_memory_equal(end->got.bytes, want->bytes, want->len);
}

static void test_small(void **state)
{
    (void)state;
    assert_int_equal(write_pieces(&client, VIEW("hello world"), 3), STREAM_WRITTEN);
    assert_int_equal(stream_waiting_bytes(&client.stream), 0);
    turn();
    assert_int_equal(server.got.len, 0); /* a new stream reads when it is told to */
    stream_resume(&server.stream);
    stream_resume(&server.stream);
    WAIT_FOR(server.got.len == 11);
    assert_string_equal(server.got.bytes, "hello world");
    assert_int_equal(write_pieces(&client, view_of(NULL, 0), 1), STREAM_WRITTEN);
    assert_int_equal(client.drained_count, 0); /* nothing ever waited */
}

static void test_pause(void **state)
{
    (void)state;
    stream_resume(&server.stream);
    write_pieces(&client, VIEW("one"), 1);
    WAIT_FOR(server.got.len == 3);
    stream_pause(&server.stream);
    stream_pause(&server.stream);
    write_pieces(&client, VIEW("two"), 1);
    turn();
    assert_int_equal(server.got.len, 3);
    stream_resume(&server.stream);
    WAIT_FOR(server.got.len == 6);
    assert_string_equal(server.got.bytes, "onetwo");
}

static bool make_room(void *owner)
{
    return *(bool *)owner;
}

/* Who finds nothing to give up must not leave what has come unread: the loop would never sleep. */
static void test_full_memory(void **state)
{
    bool finds_some = true;
    struct block *block = block_take(&loop.blocks, 1);
    (void)state;
    loop.blocks.max_bytes = 1;
    loop.on_full = make_room;
    loop.full_owner = &finds_some;
    turn();
    stream_resume(&server.stream);
    write_pieces(&client, VIEW("hello"), 1);
    turn();
    assert_int_equal(server.got.len, 0);
    finds_some = false;
    WAIT_FOR(server.got.len == 5);
    finds_some = true;
    turn();
    write_pieces(&client, VIEW(" world"), 1);
    turn();
    assert_int_equal(server.got.len, 5);
    block_give(&loop.blocks, block);
    WAIT_FOR(server.got.len == 11);
    loop.on_full = NULL;
}

/* More than sockets hold, in large pieces and in many small ones while a write is in flight. */
static void test_order(void **state)
{
    struct text want = noise(24u << 20);
    struct view left = text_view(&want);
    struct rng rng = {1};
    unsigned waits_count = 0;
    (void)state;
    while (left.len > 0) {
        size_t max = left.len > 16u << 20 ? 1000000 : 900;
        size_t len = 1 + (size_t)(rng_next(&rng) % max);
        struct view part = view_of(left.ptr, len < left.len ? len : left.len);
        size_t before = stream_waiting_bytes(&client.stream);
        enum stream_written written =
            write_pieces(&client, part, 1 + (unsigned)(rng_next(&rng) % 5));
        size_t after = stream_waiting_bytes(&client.stream);
        assert_true(after <= before + part.len);
        assert_int_equal(written, after == 0                        ? STREAM_WRITTEN
                                  : after > STREAM_HIGH_WATER_BYTES ? STREAM_FULL
                                                                    : STREAM_WAITS);
        waits_count += written != STREAM_WRITTEN;
        left = view_skip(left, part.len);
        if (rng_next(&rng) % 64 == 0)
            uv_run(&loop.uv, UV_RUN_NOWAIT);
    }
    assert_true(waits_count > 1000);
    size_t unacknowledged = stream_unacknowledged_bytes(&client.stream);
    assert_in_range(unacknowledged, 1, want.len); /* nothing is counted twice */
    stream_resume(&server.stream);
    WAIT_FOR(server.got.len == want.len);
    check_got(&server, &want);
    WAIT_FOR(stream_waiting_bytes(&client.stream) == 0);
    while (stream_unacknowledged_bytes(&client.stream) > 0)
        turn(); /* an acknowledgement makes no event to wait for */
    assert_true(client.drained_count > 0);
    assert_in_range(client.waiting_at_drain, 0, STREAM_LOW_WATER_BYTES);
    text_fini(&want);
}

/* A source that stops at FULL and goes on when drained gets everything through, and what waits
 * stays small. */
static void test_back_pressure(void **state)
{
    struct text want = noise(16u << 20);
    struct view left = text_view(&want);
    size_t most = 0;
    (void)state;
    stream_resume(&server.stream);
    while (left.len > 0) {
        unsigned drained_count = client.drained_count;
        struct view part = view_of(left.ptr, left.len < 30000 ? left.len : 30000);
        enum stream_written written = write_pieces(&client, part, 2);
        left = view_skip(left, part.len);
        most = stream_waiting_bytes(&client.stream) > most ? stream_waiting_bytes(&client.stream)
                                                           : most;
        if (written == STREAM_FULL)
            WAIT_FOR(client.drained_count > drained_count);
    }
    WAIT_FOR(server.got.len == want.len);
    check_got(&server, &want);
    assert_in_range(most, 1, STREAM_HIGH_WATER_BYTES + 30000);
    text_fini(&want);
}

/* All but the last three bytes come back through a pipe, past a socket that is full again and
 * again; the rest is read as usual. */
static void test_splice(void **state)
{
    struct text want = noise(12u << 20);
    (void)state;
    server.splice = stream_splice(&server.stream, want.len - 3);
    assert_non_null(server.splice);
    stream_resume(&server.stream);
    assert_int_equal(write_pieces(&client, text_view(&want), 7), STREAM_FULL);
    WAIT_FOR(server.drained_count > 0 || !server.stream.is_reading);
    stream_resume(&client.stream);
    WAIT_FOR(client.got.len == want.len - 3 && server.got.len == 3);
    assert_int_equal(server.echoed_bytes, want.len - 3);
    assert_int_equal(server.splice->len + server.splice->left, 0);
    assert_memory_equal(client.got.bytes, want.bytes, want.len - 3);
    assert_memory_equal(server.got.bytes, want.bytes + want.len - 3, 3);
    text_fini(&want);
}

/* The end comes before all that was expected; what came is not lost. */
static void test_splice_ends_early(void **state)
{
    (void)state;
    server.splice = stream_splice(&server.stream, 100);
    stream_resume(&server.stream);
    stream_resume(&client.stream);
    write_pieces(&client, VIEW("hello"), 1);
    stream_shut_write(&client.stream);
    WAIT_FOR(server.eof_count > 0 && client.got.len == 5);
    assert_int_equal(server.splice->left, 95);
    assert_int_equal(server.broken_count, 0);
    stream_abort(&client.stream);
    WAIT_FOR(client.closed_count > 0);
}

/* There is a bound, and what is given back can be taken again. */
static void test_splice_pool(void **state)
{
    struct splice *taken[SPLICE_COUNT_MAX];
    (void)state;
    for (unsigned i = 0; i < SPLICE_COUNT_MAX; i++)
        assert_non_null(taken[i] = splice_take(&loop.splices, 1));
    assert_null(splice_take(&loop.splices, 1));
    for (unsigned i = 0; i < SPLICE_COUNT_MAX; i++)
        splice_give(&loop.splices, taken[i]);
    assert_int_equal(loop.splices.count, SPLICE_KEPT_MAX);
    struct splice *again = splice_take(&loop.splices, 7);
    assert_int_equal(again->left, 7);
    splice_give(&loop.splices, again);
}

static void test_shut_after_flush(void **state)
{
    struct text want = noise(12u << 20);
    (void)state;
    assert_int_equal(write_pieces(&client, text_view(&want), 7), STREAM_FULL);
    stream_shut_write(&client.stream);
    stream_shut_write(&client.stream);
    stream_resume(&server.stream);
    stream_resume(&client.stream);
    WAIT_FOR(server.eof_count > 0);
    check_got(&server, &want);
    assert_int_equal(client.eof_count, 0);
    assert_int_equal(write_pieces(&server, VIEW("still heard"), 1), STREAM_WRITTEN);
    WAIT_FOR(client.got.len == 11);
    stream_shut_write(&server.stream); /* nothing waits: at once */
    WAIT_FOR(client.eof_count > 0);
    turn();
    assert_int_equal(client.eof_count + server.eof_count, 2);
    assert_int_equal(client.broken_count + server.broken_count, 0);
    text_fini(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIR_TEST(test_small),
        PAIR_TEST(test_pause),
        PAIR_TEST(test_full_memory),
        PAIR_TEST(test_order),
        PAIR_TEST(test_back_pressure),
        PAIR_TEST(test_splice),
        PAIR_TEST(test_splice_ends_early),
        PAIR_TEST(test_splice_pool),
        PAIR_TEST(test_shut_after_flush),
    };
    signal(SIGPIPE, SIG_IGN); /* as a program that writes to sockets must */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
