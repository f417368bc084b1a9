/* Each way in which a stream ends, or never begins. */
#include "stream_pair.h"

#include <signal.h>

static void test_closes_in_handler(void **state)
{
    (void)state;
    server.closes_on_data = true;
    stream_resume(&server.stream);
    write_pieces(&client, VIEW("one"), 1);
    WAIT_FOR(server.closed_count > 0);
    assert_string_equal(server.got.bytes, "one");
    stream_close(&server.stream);
    stream_abort(&server.stream);
    stream_pause(&server.stream);
    stream_resume(&server.stream);
    stream_shut_write(&server.stream);
    turn();
    assert_int_equal(server.closed_count, 1);
}

static void test_closes_when_drained(void **state)
{
    struct text want = noise(12u << 20);
    (void)state;
    client.closes_on_drained = true;
    write_pieces(&client, text_view(&want), 1);
    stream_resume(&server.stream);
    WAIT_FOR(client.closed_count > 0 && server.eof_count + server.broken_count > 0);
    assert_int_equal(client.drained_count, 1);
    text_fini(&want);
}

static void test_close_loses_what_waits(void **state)
{
    struct text want = noise(12u << 20);
    (void)state;
    assert_int_equal(write_pieces(&client, text_view(&want), 1), STREAM_FULL);
    turn();
    stream_close(&client.stream);
    stream_resume(&server.stream);
    WAIT_FOR(client.closed_count > 0 && server.eof_count + server.broken_count > 0);
    assert_int_equal(client.drained_count + client.broken_count, 0);
    assert_true(server.got.len < want.len);
    text_fini(&want);
}

static void test_abort(void **state)
{
    (void)state;
    write_pieces(&client, VIEW("one"), 1);
    stream_resume(&server.stream);
    WAIT_FOR(server.got.len == 3);
    stream_abort(&client.stream);
    WAIT_FOR(server.eof_count + server.broken_count > 0);
    assert_int_equal(server.eof_count, 0);
    assert_int_equal(server.status, UV_ECONNRESET);
    assert_false(stream_is_timeout(server.status));
    assert_true(stream_is_timeout(UV_ETIMEDOUT));
}

/* A stream that does not read learns of the end when it writes what waits. */
static void test_broken_while_writing(void **state)
{
    struct text want = noise(12u << 20);
    (void)state;
    assert_int_equal(write_pieces(&client, text_view(&want), 1), STREAM_FULL);
    stream_abort(&server.stream);
    WAIT_FOR(client.broken_count > 0);
    assert_true(client.status == UV_ECONNRESET || client.status == UV_EPIPE);
    assert_int_equal(stream_waiting_bytes(&client.stream), 0);
    assert_int_equal(write_pieces(&client, VIEW("more"), 1), STREAM_BROKEN);
    turn();
    assert_int_equal(client.broken_count, 1);
    text_fini(&want);
}

static void test_broken_at_once(void **state)
{
    (void)state;
    stream_abort(&server.stream);
    WAIT_FOR(server.closed_count > 0);
    enum stream_written written = STREAM_WRITTEN;
    while (written == STREAM_WRITTEN)
        written = write_pieces(&client, VIEW("more"), 1);
    assert_int_equal(written, STREAM_BROKEN);
    assert_int_equal(write_pieces(&client, VIEW("more"), 1), STREAM_BROKEN);
    turn();
    assert_int_equal(client.broken_count, 0); /* the return value has told it */
}

/* What the peer said before it went is heard, although writing to it fails, and its going is told
 * once. */
static void test_last_words(void **state)
{
    struct text want = noise(12u << 20);
    (void)state;
    assert_int_equal(write_pieces(&client, text_view(&want), 1), STREAM_FULL);
    stream_resume(&client.stream);
    assert_int_equal(write_pieces(&server, VIEW("no, too large"), 1), STREAM_WRITTEN);
    stream_abort(&server.stream);
    WAIT_FOR(client.broken_count + client.eof_count > 0);
    assert_int_equal(client.got.len, 13);
    assert_string_equal(client.got.bytes, "no, too large");
    turn();
    assert_int_equal(client.eof_count, 0); /* a reset is no end */
    assert_int_equal(client.broken_count, 1);
    text_fini(&want);
}

/* The end came before the reset: what was said is complete. */
static void test_reset_behind_end(void **state)
{
    (void)state;
    assert_int_equal(write_pieces(&server, VIEW("all of it"), 1), STREAM_WRITTEN);
    stream_close(&server.stream); /* a FIN; what comes now is answered by a reset */
    WAIT_FOR(server.closed_count > 0);
    assert_int_equal(write_pieces(&client, VIEW("too late"), 1), STREAM_WRITTEN);
    stream_resume(&client.stream);
    WAIT_FOR(client.broken_count + client.eof_count > 0);
    assert_int_equal(client.got.len, 9);
    assert_int_equal(client.eof_count, 1);
}

/* As a last answer leaves: it arrives though the peer has said something that nobody reads, which
 * makes a reset of the close. */
static void test_ends_with_write(void **state)
{
    (void)state;
    write_pieces(&client, VIEW("unread"), 1);
    stream_resume(&client.stream);
    turn();
    stream_expect_end(&server.stream);
    assert_int_equal(write_pieces(&server, VIEW("goodbye"), 2), STREAM_WRITTEN);
    assert_int_equal(stream_look(&client.stream), SOCKET_QUIET); /* it waits for the end */
    stream_close(&server.stream);
    WAIT_FOR(client.eof_count + client.broken_count > 0);
    assert_string_equal(client.got.bytes, "goodbye");
}

/* Nothing of what was held back arrives, lest a part is taken for the whole. */
static void test_abort_instead_of_end(void **state)
{
    (void)state;
    stream_resume(&client.stream);
    stream_expect_end(&server.stream);
    write_pieces(&server, VIEW("goodbye"), 1);
    stream_abort(&server.stream);
    WAIT_FOR(client.eof_count + client.broken_count > 0);
    assert_int_equal(client.eof_count, 0);
    assert_int_equal(client.status, UV_ECONNRESET);
}

static void test_refused(void **state)
{
    struct end other = {0};
    struct address at;
    (void)state;
    assert_true(socket_address(listener.fd, &at));
    listener_close(&listener);
    turn();
    assert_int_equal(stream_connect(&other.stream, &loop, &at, &end_handler, &other), 0);
    WAIT_FOR(other.connected_count > 0);
    assert_int_equal(other.status, UV_ECONNREFUSED);
    stream_close(&other.stream);
    WAIT_FOR(other.closed_count > 0);
    assert_int_equal(other.connected_count, 1);
}

static void test_close_while_connecting(void **state)
{
    struct end other = {0};
    struct address at;
    (void)state;
    assert_true(address_parse(VIEW("192.0.2.1:9"), &at)); /* RFC 5737: nobody answers there */
    if (stream_connect(&other.stream, &loop, &at, &end_handler, &other) == 0)
        stream_close(&other.stream);
    WAIT_FOR(other.closed_count > 0);
    assert_int_equal(other.connected_count, 0); /* nothing is told after stream_close */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIR_TEST(test_closes_in_handler),
        PAIR_TEST(test_closes_when_drained),
        PAIR_TEST(test_close_loses_what_waits),
        PAIR_TEST(test_abort),
        PAIR_TEST(test_broken_while_writing),
        PAIR_TEST(test_broken_at_once),
        PAIR_TEST(test_last_words),
        PAIR_TEST(test_reset_behind_end),
        PAIR_TEST(test_ends_with_write),
        PAIR_TEST(test_abort_instead_of_end),
        PAIR_TEST(test_refused),
        PAIR_TEST(test_close_while_connecting),
    };
    signal(SIGPIPE, SIG_IGN); /* as a program that writes to sockets must */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
