#include "stream_pair.h"

#include <string.h>

#include "lb/base/rng.h"

struct loop loop;
struct listener listener;
struct end client, server;
struct tls_server *pair_server;
struct tls_client *pair_client;

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
    if (end->pauses_on_data)
        stream_pause(&end->stream);
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

const struct stream_handler end_handler = {
    .on_connected = on_connected,
    .on_data = on_data,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_spliced = on_spliced,
    .on_broken = on_broken,
    .on_closed = on_closed,
};

static void on_connection(void *owner, struct listener *from)
{
    if (pair_server)
        assert_int_equal(stream_accept_tls(&server.stream, &loop, from, pair_server, VIEW(""),
                                           &end_handler, owner),
                         0);
    else
        assert_int_equal(stream_accept(&server.stream, &loop, from, &end_handler, owner), 0);
}

int pair_set_up(void **state)
{
    struct address any;
    (void)state;
    client = server = (struct end){0};
    assert_int_equal(loop_init(&loop), 0);
    assert_true(address_parse(VIEW("127.0.0.1:0"), &any));
    assert_int_equal(listener_open(&listener, &loop, socket_listen(&any), on_connection, &server),
                     0);
    assert_true(socket_address(listener.fd, &any));
    if (pair_client)
        assert_int_equal(
            stream_connect_tls(&client.stream, &loop, &any, pair_client, &end_handler, &client), 0);
    else
        assert_int_equal(stream_connect(&client.stream, &loop, &any, &end_handler, &client), 0);
    WAIT_FOR(client.connected_count > 0 && server.stream.loop != NULL &&
             (!pair_server || server.connected_count > 0));
    return 0;
}

int pair_tear_down(void **state)
{
    (void)state;
    stream_close(&client.stream);
    stream_close(&server.stream);
    listener_close(&listener);
    WAIT_FOR(client.closed_count > 0 && server.closed_count > 0);
    assert_int_equal(client.closed_count, 1);
    assert_int_equal(server.closed_count, 1);
    assert_int_equal(loop.blocks.used_bytes, 0); /* what waited was given back */
    splice_give(&loop.splices, server.splice);
    text_fini(&client.got);
    text_fini(&server.got);
    loop_fini(&loop);
    return 0;
}

void turn(void)
{
    for (unsigned i = 0; i < 20; i++)
        uv_run(&loop.uv, UV_RUN_NOWAIT);
}

enum stream_written write_pieces(struct end *end, struct view bytes, unsigned count)
{
    struct iovec pieces[64];
    size_t part = bytes.len / count;
    for (unsigned i = 0; i < count; i++) {
        size_t len = i + 1 < count ? part : bytes.len - part * (count - 1);
        pieces[i] = (struct iovec){(void *)(uintptr_t)(bytes.ptr + part * i), len};
    }
    return stream_write(&end->stream, pieces, count);
}

struct text noise(size_t len)
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
