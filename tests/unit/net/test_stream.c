/* Two streams over loopback in one loop: order, back-pressure, half-close, and each way to die. */
#include "lb/net/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lb/base/rng.h"
#include "lb/base/text.h"
#include "lb/net/listener.h"

/* One end, and what was told to it. */
struct end {
    struct stream stream;
    struct text got;
    unsigned connected_count, eof_count, drained_count, broken_count, closed_count;
    int status;              /* of on_connected or on_broken */
    size_t waiting_at_drain; /* the most that waited when on_drained came */
    bool closes_on_data, closes_on_drained;
    struct splice *splice; /* all that comes goes back through it */
    size_t echoed_bytes;
};

static struct loop loop;
static struct listener listener;
static struct end client, server;
static const struct stream_handler handler;

/* ---- the loop ---------------------------------------------------------------------------------
 */

static void on_connection(void *owner, struct listener *from)
{
    assert_int_equal(stream_accept(&server.stream, &loop, from, &handler, owner), 0);
}

static int set_up(void **state)
{
    struct address any;
    (void)state;
    client = server = (struct end){0};
    assert_int_equal(loop_init(&loop), 0);
    assert_true(address_parse(VIEW("127.0.0.1:0"), &any));
    assert_int_equal(listener_open(&listener, &loop, &any, on_connection, &server), 0);
    assert_true(listener_address(&listener, &any));
    assert_int_equal(stream_connect(&client.stream, &loop, &any, &handler, &client), 0);
    while (client.connected_count == 0 || server.stream.loop == NULL)
        uv_run(&loop.uv, UV_RUN_ONCE);
    assert_int_equal(client.status, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stream_close(&client.stream);
    stream_close(&server.stream);
    listener_close(&listener);
    while (client.closed_count == 0 || server.closed_count == 0)
        uv_run(&loop.uv, UV_RUN_ONCE);
    assert_int_equal(client.closed_count, 1);
    assert_int_equal(server.closed_count, 1);
    assert_int_equal(loop.blocks.used_bytes, 0); /* what waited was given back */
    splice_give(&loop.splices, server.splice);
    text_fini(&client.got);
    text_fini(&server.got);
    loop_fini(&loop);
    return 0;
}

/* Turns the loop until `condition`; the test's time limit is the deadline. */
#define WAIT_FOR(condition)                                                                        \
    while (!(condition))                                                                           \
    uv_run(&loop.uv, UV_RUN_ONCE)

/* Some turns of the loop, for what must not happen. */
static void turn(void)
{
    for (unsigned i = 0; i < 20; i++)
        uv_run(&loop.uv, UV_RUN_NOWAIT);
}

static void on_connected(void *owner, int status)
{
    struct end *end = owner;
    end->connected_count++;
    end->status = status;
}

static void on_data(void *owner, struct view data)
{
    struct end *end = owner;
    assert_int_equal(end->closed_count, 0);
    text_append(&end->got, data);
    memset(loop.read_buffer, 0xAA, LOOP_READ_BYTES); /* borrowed until return */
    if (end->closes_on_data)
        stream_close(&end->stream);
}

static void on_eof(void *owner)
{
    ((struct end *)owner)->eof_count++;
}

static void on_spliced(void *owner)
{
    struct end *end = owner;
    size_t count;
    enum stream_written written = stream_write_splice(&end->stream, end->splice, &count);
    end->echoed_bytes += count;
    assert_int_equal(written == STREAM_FULL, end->splice->len > 0);
    if (written == STREAM_FULL)
        stream_pause(&end->stream);
    else if (written != STREAM_BROKEN)
        stream_resume(&end->stream);
}

static void on_drained(void *owner)
{
    struct end *end = owner;
    if (end->splice)
        on_spliced(end);
    size_t waiting = stream_waiting_bytes(&end->stream);
    end->drained_count++;
    end->waiting_at_drain = waiting > end->waiting_at_drain ? waiting : end->waiting_at_drain;
    if (end->closes_on_drained)
        stream_close(&end->stream);
}

static void on_broken(void *owner, int status)
{
    struct end *end = owner;
    end->broken_count++;
    end->status = status;
}

static void on_closed(void *owner)
{
    ((struct end *)owner)->closed_count++;
}

static const struct stream_handler handler = {
    .on_connected = on_connected,
    .on_data = on_data,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_spliced = on_spliced,
    .on_broken = on_broken,
    .on_closed = on_closed,
};

/* ---- writing ----------------------------------------------------------------------------------
 */

/* Writes as `count` pieces of about the same size. */
static enum stream_written write_pieces(struct end *end, struct view bytes, unsigned count)
{
    struct iovec pieces[64];
    size_t part = bytes.len / count;
    for (unsigned i = 0; i < count; i++) {
        size_t len = i + 1 < count ? part : bytes.len - part * (count - 1);
        pieces[i] = (struct iovec){(void *)(uintptr_t)(bytes.ptr + part * i), len};
    }
    return stream_write(&end->stream, pieces, count);
}

static struct text noise(size_t len)
{
    struct text text = TEXT_INIT;
    struct rng rng = {len};
    while (text.len < len) {
        uint64_t random = rng_next(&rng);
        text_append(&text, view_of((const char *)&random, sizeof(random)));
    }
    text.len = len;
    return text;
}

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

static void test_peer_of_the_accepted(void **state)
{
    struct sockaddr_storage name;
    struct address local;
    int len = sizeof(name);
    (void)state;
    assert_int_equal(uv_tcp_getsockname(&client.stream.tcp, (struct sockaddr *)&name, &len), 0);
    assert_true(address_from_sockaddr((struct sockaddr *)&name, &local));
    assert_true(address_eq(&listener.peer, &local));
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

/* ---- dying ------------------------------------------------------------------------------------
 */

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
    assert_true(stream_is_quiet(&client.stream)); /* it waits for the end */
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

static struct end taken;

static void on_late_connection(void *owner, struct listener *from)
{
    (void)owner;
    assert_int_equal(stream_accept(&taken.stream, &loop, from, &handler, &taken), 0);
}

/* What comes while there are no descriptors is accepted when there are some again. */
static void test_out_of_descriptors(void **state)
{
    struct listener late;
    struct end other = {0};
    struct address at;
    struct rlimit usual, none;
    (void)state;
    taken = (struct end){0};
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    assert_int_equal(listener_open(&late, &loop, &at, on_late_connection, NULL), 0);
    assert_true(listener_address(&late, &at));
    assert_int_equal(stream_connect(&other.stream, &loop, &at, &handler, &other), 0);
    int free_fd = dup(0);
    close(free_fd);
    getrlimit(RLIMIT_NOFILE, &usual);
    none = (struct rlimit){.rlim_cur = (rlim_t)free_fd, .rlim_max = usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    WAIT_FOR(other.connected_count > 0);
    turn();
    assert_null(taken.stream.loop);
    assert_true(deadline_is_armed(&late.rest));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    WAIT_FOR(taken.stream.loop != NULL);
    listener_close(&late);
    stream_close(&other.stream);
    stream_close(&taken.stream);
    WAIT_FOR(other.closed_count > 0 && taken.closed_count > 0);
}

static void test_refused(void **state)
{
    struct end other = {0};
    struct address at;
    (void)state;
    assert_true(listener_address(&listener, &at));
    listener_close(&listener);
    turn();
    assert_int_equal(stream_connect(&other.stream, &loop, &at, &handler, &other), 0);
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
    if (stream_connect(&other.stream, &loop, &at, &handler, &other) == 0)
        stream_close(&other.stream);
    WAIT_FOR(other.closed_count > 0);
    assert_int_equal(other.connected_count, 0); /* nothing is told after stream_close */
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_small),
        TEST(test_pause),
        TEST(test_peer_of_the_accepted),
        TEST(test_order),
        TEST(test_back_pressure),
        TEST(test_splice),
        TEST(test_splice_ends_early),
        TEST(test_splice_pool),
        TEST(test_shut_after_flush),
        TEST(test_closes_in_handler),
        TEST(test_closes_when_drained),
        TEST(test_close_loses_what_waits),
        TEST(test_abort),
        TEST(test_broken_while_writing),
        TEST(test_broken_at_once),
        TEST(test_last_words),
        TEST(test_reset_behind_end),
        TEST(test_ends_with_write),
        TEST(test_abort_instead_of_end),
        TEST(test_out_of_descriptors),
        TEST(test_refused),
        TEST(test_close_while_connecting),
    };
    signal(SIGPIPE, SIG_IGN); /* as a program that writes to sockets must */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
