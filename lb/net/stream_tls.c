#include "lb/net/stream_tls.h"

#include <assert.h>
#include <stdlib.h>

#include "lb/base/memory.h"

static struct stream_tls *self_of(const struct stream *stream)
{
    return list_entry(stream->layer, struct stream_tls, layer);
}

/* ---- the wire ----------------------------------------------------------------------------------- */

static ssize_t receive(void *owner, char *bytes, size_t most)
{
    struct stream *stream = owner;
    size_t portion = stream_portion(stream);
    if (portion == 0)
        return -EAGAIN;
    if (most > portion)
        most = portion;
    ssize_t count = transport_read(&stream->transport, bytes, most);
    stream->has_read_all = count < (ssize_t)most;
    return count;
}

static int send_all(void *owner, const char *bytes, size_t len)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
    return stream_send(owner, &piece, 1) == STREAM_BROKEN ? -EPIPE : 0;
}

static struct tls_wire wire_of(struct stream *stream)
{
    return (struct tls_wire){.receive = receive,
                             .send = send_all,
                             .owner = stream,
                             .buffers = &stream->loop->tls_buffers};
}

/* ---- watching ----------------------------------------------------------------------------------- */

static void watch(struct stream *stream)
{
    struct stream_tls *tls = self_of(stream);
    if (!tls->is_watched)
        tls->is_watched = stream_watch(stream);
}

static void unwatch(struct stream *stream)
{
    struct stream_tls *tls = self_of(stream);
    if (tls->is_watched)
        stream_unwatch(stream);
    tls->is_watched = false;
}

/* While hands are shaken the stream reads for itself. */
static void resume(struct stream *stream)
{
    struct stream_tls *tls = self_of(stream);
    stream->is_reading = true;
    if (tls->is_shaking)
        return;
    watch(stream);
    if (tls_session_has_pending(tls->session))
        loop_do_soon(stream->loop, &tls->soon);
}

static void pause_reading(struct stream *stream)
{
    stream->is_reading = false;
    if (!self_of(stream)->is_shaking)
        unwatch(stream);
}

/* ---- the handshake ------------------------------------------------------------------------------ */

/* The owner begins to read, or does not. */
static void tell_shaken(struct stream *stream)
{
    struct stream_tls *tls = self_of(stream);
    tls->is_shaking = false;
    stream->handler->on_connected(stream->owner, 0);
    if (stream->is_closing)
        return;
    if (!stream->is_reading)
        unwatch(stream);
    else if (tls_session_has_pending(tls->session))
        loop_do_soon(stream->loop, &tls->soon);
}

/* The alert is the last, and goes before the FIN. */
static void tell_failed(struct stream *stream)
{
    self_of(stream)->is_shaking = false;
    unwatch(stream);
    stream->is_reading = false;
    stream->is_ending = true;
    stream->handler->on_connected(stream->owner, UV_EPROTO);
}

static void shake(struct stream *stream)
{
    enum tls_step step = tls_session_shake_hands(self_of(stream)->session);
    if (step == TLS_STEP_WAITS)
        watch(stream);
    else if (step == TLS_STEP_DONE)
        tell_shaken(stream);
    else
        tell_failed(stream);
}

/* ---- bytes -------------------------------------------------------------------------------------- */

/* What is pending has its memory already: it is read also where nothing more may come in. */
static size_t portion_of(struct stream *stream, const struct tls_session *session)
{
    size_t most = stream_portion(stream);
    return most == 0 && tls_session_has_pending(session) ? BLOCK_PORTION_MIN : most;
}

/* False: there is nothing more. */
static bool read_once(struct stream *stream, struct tls_session *session)
{
    char *bytes = stream->loop->read_buffer;
    size_t most = portion_of(stream, session);
    if (most == 0) {
        stream->has_read_all = false;
        return false;
    }
    ssize_t count = tls_session_read(session, bytes, most);
    if (tls_session_has_pending(session))
        stream->has_read_all = false;
    if (count > 0)
        stream->handler->on_data(stream->owner, view_of(bytes, (size_t)count));
    else if (count != UV_EAGAIN)
        stream_tell_end(stream, count == 0 ? UV_EOF : (int)count);
    return count > 0;
}

/* The socket does not tell of what is pending here. */
static void read_all(struct stream *stream)
{
    struct stream_tls *tls = self_of(stream);
    bool goes_on = true;
    if (tls->is_shaking) {
        shake(stream);
        return;
    }
    while (goes_on)
        goes_on = read_once(stream, tls->session) && !stream->is_closing && stream->is_reading &&
                  tls_session_has_pending(tls->session);
}

enum stream_written stream_tls_say_plainly(struct stream *stream, struct view bytes)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes.ptr, .iov_len = bytes.len};
    return stream_send(stream, &piece, 1);
}

static enum stream_written write_all(struct stream *stream, const struct iovec *pieces,
                                     unsigned count)
{
    struct tls_session *session = self_of(stream)->session;
    if (tls_session_write(session, pieces, count, stream->is_ending) < 0) {
        stream->is_write_broken = true;
        return STREAM_BROKEN;
    }
    if (stream_waiting_bytes(stream) == 0)
        return STREAM_WRITTEN;
    size_t high_water = block_pool_portion(&stream->loop->blocks);
    return stream_waiting_bytes(stream) > high_water ? STREAM_FULL : STREAM_WAITS;
}

static enum socket_look look(struct stream *stream)
{
    struct tls_session *session = self_of(stream)->session;
    if (tls_session_is_quiet(session))
        return SOCKET_QUIET;
    return tls_session_has_ended(session) ? SOCKET_ENDED : SOCKET_SPEAKS;
}

static void end(struct stream *stream)
{
    tls_session_end(self_of(stream)->session);
}

static void drop(struct stream *stream)
{
    struct stream_tls *tls = self_of(stream);
    list_unlink(&tls->soon.node);
    tls_session_free(tls->session);
    free(tls);
    stream->layer = NULL;
}

/* ---- its life ----------------------------------------------------------------------------------- */

static const struct stream_layer_calls calls = {
    .connected = shake,
    .readable = read_all,
    .write = write_all,
    .resume = resume,
    .pause = pause_reading,
    .look = look,
    .end = end,
    .drop = drop,
};

static void on_soon(struct loop_task *task)
{
    struct stream_tls *tls = list_entry(task, struct stream_tls, soon);
    if (tls->stream->is_closing)
        return;
    if (tls->is_shaking || tls->stream->is_reading)
        read_all(tls->stream);
}

/* Takes the session. */
static int begin(struct stream *stream, struct tls_session *session)
{
    if (!session) {
        stream_close(stream);
        return UV_ENOMEM;
    }
    struct stream_tls *tls = memory_new(sizeof(*tls));
    tls->layer.calls = &calls;
    tls->session = session;
    tls->stream = stream;
    tls->is_shaking = true;
    tls->is_watched = stream->is_reading;
    loop_task_init(&tls->soon, on_soon);
    stream->layer = &tls->layer;
    stream->is_reading = false;
    return 0;
}

int stream_tls_accept(struct stream *stream, struct tls_server *server, struct view early)
{
    struct tls_wire wire = wire_of(stream);
    struct tls_session *session = tls_session_accept(server, &wire);
    if (session)
        tls_session_feed(session, early);
    int rc = begin(stream, session);
    if (rc == 0)
        loop_do_soon(stream->loop, &self_of(stream)->soon);
    return rc;
}

int stream_tls_connect(struct stream *stream, struct tls_client *client, const struct address *to)
{
    struct tls_wire wire = wire_of(stream);
    struct view peer = view_of((const char *)&to->socket, address_size(to));
    return begin(stream, tls_session_connect(client, peer, &wire));
}
