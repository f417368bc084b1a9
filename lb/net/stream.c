#include "lb/net/stream.h"

#include <assert.h>

#include "lb/base/list.h"
#include "lb/net/listener.h"

#define WRITE_BLOCKS_MAX 16u

/* A pipe takes so many portions at a time, and while they are smaller none is begun. */
#define SPLICE_PORTIONS    4u
#define SPLICE_PORTION_MIN 16384u

/* Of a pipe's bytes, that wait while the socket takes no more. */
#define SPLICE_WAITING_BYTES BLOCK_SMALL_BYTES

static void on_uv_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);
static void on_uv_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buf);
static void on_uv_connect(uv_connect_t *request, int status);
static void on_uv_write(uv_write_t *request, int status);
static void on_uv_close(uv_handle_t *handle);

static struct stream *self_of(void *tcp)
{
    return list_entry(tcp, struct stream, transport.tcp);
}

static uv_stream_t *uv_of(struct stream *stream)
{
    return (uv_stream_t *)&stream->transport.tcp;
}

static void init(struct stream *stream, struct loop *loop, const struct stream_handler *handler,
                 void *owner)
{
    loop->stream_count++;
    stream->layer = NULL;
    stream->loop = loop;
    stream->handler = handler;
    stream->owner = owner;
    stream->splice = NULL;
    stream->waiting = (struct block_queue){0};
    stream->writing_count = 0;
    stream->read_max_bytes = LOOP_READ_BYTES;
    stream->is_reading = false;
    stream->is_write_closed = false;
    stream->is_write_broken = false;
    stream->is_ending = false;
    stream->has_met_reset = false;
    stream->has_read_all = true;
    stream->is_closing = false;
    stream->haste = STREAM_HASTY;
    transport_init(&stream->transport, &loop->uv);
}

int stream_accept(struct stream *stream, struct loop *loop, struct listener *listener,
                  const struct stream_handler *handler, void *owner)
{
    init(stream, loop, handler, owner);
    int rc = transport_open(&stream->transport, listener_take(listener));
    if (rc < 0)
        stream_close(stream);
    return rc;
}

int stream_connect(struct stream *stream, struct loop *loop, const struct address *to,
                   const struct stream_handler *handler, void *owner)
{
    init(stream, loop, handler, owner);
    loop->deadlines.has_slow_call = true;
    stream->haste = STREAM_UNWRITTEN;
    int rc = transport_connect(&stream->transport, &stream->request.connect, to, on_uv_connect);
    if (rc < 0)
        stream_close(stream);
    return rc;
}

bool stream_watch(struct stream *stream)
{
    return uv_read_start(uv_of(stream), on_uv_alloc, on_uv_read) == 0;
}

void stream_unwatch(struct stream *stream)
{
    uv_read_stop(uv_of(stream));
}

void stream_resume(struct stream *stream)
{
    if (stream->is_reading || stream->is_closing)
        return;
    if (stream->layer)
        stream->layer->calls->resume(stream);
    else
        stream->is_reading = stream_watch(stream);
}

void stream_pause(struct stream *stream)
{
    if (!stream->is_reading || stream->is_closing)
        return;
    if (stream->layer) {
        stream->layer->calls->pause(stream);
        return;
    }
    stream_unwatch(stream);
    stream->is_reading = false;
}

enum socket_look stream_look(struct stream *stream)
{
    return stream->layer ? stream->layer->calls->look(stream) : socket_look(stream->transport.fd);
}

static void start_write(struct stream *stream)
{
    uv_buf_t bufs[WRITE_BLOCKS_MAX];
    unsigned count = 0;
    for (struct block *block = stream->waiting.first; block && count < WRITE_BLOCKS_MAX;
         block = block->next)
        bufs[count++] = uv_buf_init(block->bytes, (unsigned)block->len);
    stream->writing_count = count;
    block_queue_seal(&stream->waiting);
    int rc = uv_write(&stream->request.write, uv_of(stream), bufs, count, on_uv_write);
    assert(rc == 0); /* libuv refuses only what is shut or not a stream */
    (void)rc;
}

/* The socket tells an error once: a reset that a write has met is not seen by the next read. */
static void note_failed_write(struct stream *stream, int status)
{
    stream->is_write_broken = true;
    stream->has_met_reset = status == UV_ECONNRESET;
}

/* Before each write. */
static void make_haste(struct stream *stream)
{
    if (stream->haste == STREAM_TO_BE_HASTY) {
        socket_make_hasty(stream->transport.fd);
        stream->haste = STREAM_HASTY;
    } else if (stream->haste == STREAM_UNWRITTEN) {
        stream->haste = STREAM_TO_BE_HASTY;
    }
}

/* Copies what the socket did not take: all but the first `sent` bytes. */
static void keep_rest(struct stream *stream, const struct iovec *pieces, unsigned count,
                      size_t sent)
{
    for (unsigned i = 0; i < count; i++) {
        size_t skip = sent < pieces[i].iov_len ? sent : pieces[i].iov_len;
        sent -= skip;
        struct view rest = view_skip(view_of(pieces[i].iov_base, pieces[i].iov_len), skip);
        block_queue_append(&stream->loop->blocks, &stream->waiting, rest);
    }
}

static inline enum stream_written send_pieces(struct stream *stream, const struct iovec *pieces,
                                              unsigned count)
{
    size_t total = 0;
    ssize_t sent = 0;
    if (stream->is_write_broken)
        return STREAM_BROKEN;
    for (unsigned i = 0; i < count; i++)
        total += pieces[i].iov_len;
    if (stream->haste != STREAM_HASTY)
        make_haste(stream);
    if (stream->waiting.first == NULL) {
        sent = transport_write(&stream->transport, pieces, count, total, stream->is_ending);
        if (sent < 0) {
            note_failed_write(stream, (int)sent);
            return STREAM_BROKEN;
        }
        if ((size_t)sent == total)
            return STREAM_WRITTEN;
    }
    if (stream->haste != STREAM_HASTY)
        make_haste(stream); /* the rest is another one */
    keep_rest(stream, pieces, count, (size_t)sent);
    if (stream->writing_count == 0)
        start_write(stream);
    size_t high_water = block_pool_portion(&stream->loop->blocks);
    return stream_waiting_bytes(stream) > high_water ? STREAM_FULL : STREAM_WAITS;
}

enum stream_written stream_send(struct stream *stream, const struct iovec *pieces, unsigned count)
{
    return send_pieces(stream, pieces, count);
}

enum stream_written stream_write(struct stream *stream, const struct iovec *pieces, unsigned count)
{
    assert(!stream->is_closing && !stream->is_write_closed);
    if (stream->layer)
        return stream->layer->calls->write(stream, pieces, count);
    return send_pieces(stream, pieces, count);
}

static struct splice *take_splice(struct stream *stream, uint64_t left)
{
    bool is_worth_it = block_pool_portion(&stream->loop->blocks) >= SPLICE_PORTION_MIN;
    if (!is_worth_it || stream->layer || transport_splice_fd(&stream->transport) < 0)
        return NULL;
    return splice_take(&stream->loop->splices, left);
}

struct splice *stream_splice(struct stream *stream, uint64_t left)
{
    assert(!stream->splice);
    stream->splice = take_splice(stream, left);
    return stream->splice;
}

/* In place of a pipe that is taken only when something comes. */
static const struct splice soon;
#define SPLICE_SOON ((struct splice *)(uintptr_t)&soon)

void stream_splice_soon(struct stream *stream)
{
    assert(!stream->splice);
    if (!stream->layer) /* with TLS there is nothing to move */
        stream->splice = SPLICE_SOON;
}

/* Some of what is in a pipe goes as other bytes do. */
static enum stream_written write_some(struct stream *stream, struct splice *splice, size_t most,
                                      size_t *count)
{
    char *bytes = stream->loop->read_buffer;
    ssize_t some = splice_read(splice, bytes, most);
    assert(some > 0);
    *count += (size_t)some;
    return stream_write(stream, &(struct iovec){.iov_base = bytes, .iov_len = (size_t)some}, 1);
}

/* All of it, through a layer. */
static enum stream_written write_all_of(struct stream *stream, struct splice *splice, size_t *count)
{
    enum stream_written written = stream->waiting.first ? STREAM_FULL : STREAM_WRITTEN;
    if (stream->is_write_broken)
        return STREAM_BROKEN;
    while (splice->len > 0 && written < STREAM_FULL)
        written = write_some(stream, splice, LOOP_READ_BYTES, count);
    return splice->len > 0 && written != STREAM_BROKEN ? STREAM_FULL : written;
}

enum stream_written stream_write_splice(struct stream *stream, struct splice *splice, size_t *count)
{
    enum stream_written written = stream->waiting.first ? STREAM_WAITS : STREAM_WRITTEN;
    int fd = transport_splice_fd(&stream->transport);
    *count = 0;
    if (stream->layer)
        return write_all_of(stream, splice, count);
    if (stream->is_write_broken || fd < 0)
        return STREAM_BROKEN;
    while (written == STREAM_WRITTEN && splice->len > 0) {
        if (stream->haste != STREAM_HASTY)
            make_haste(stream);
        ssize_t moved = splice_empty(splice, fd);
        if (moved > 0) {
            *count += (size_t)moved;
        } else if (moved == UV_EAGAIN) {
            /* only a write that waits is told by libuv when the socket takes bytes again */
            written = write_some(stream, splice, SPLICE_WAITING_BYTES, count);
        } else {
            note_failed_write(stream, (int)moved);
            return STREAM_BROKEN;
        }
    }
    return splice->len > 0 && written != STREAM_BROKEN ? STREAM_FULL : written;
}

size_t stream_unacknowledged_bytes(const struct stream *stream)
{
    size_t queued = uv_stream_get_write_queue_size((const uv_stream_t *)&stream->transport.tcp);
    size_t handed = 0;
    const struct block *block = stream->waiting.first;
    for (unsigned i = 0; i < stream->writing_count; i++, block = block->next)
        handed += block->len;
    return stream->waiting.len - handed + queued +
           progress_unacknowledged_bytes(stream->transport.fd);
}

void stream_shut_write(struct stream *stream)
{
    if (stream->is_write_closed || stream->is_write_broken || stream->is_closing)
        return;
    if (stream->layer)
        stream->layer->calls->end(stream);
    stream->is_write_closed = true;
    if (stream->waiting.first == NULL)
        transport_shut(&stream->transport);
}

static void close_with(struct stream *stream, enum transport_end end)
{
    if (stream->is_closing)
        return;
    if (stream->layer && end != TRANSPORT_RESETS && !stream->waiting.first)
        stream->layer->calls->end(stream);
    stream->is_closing = true;
    stream->is_reading = false;
    stream->splice = NULL;
    transport_close(&stream->transport, end, on_uv_close);
}

void stream_close(struct stream *stream)
{
    close_with(stream, stream->is_ending ? TRANSPORT_ENDS : TRANSPORT_CLOSES);
}

void stream_abort(struct stream *stream)
{
    close_with(stream, TRANSPORT_RESETS);
}

/* ---- what libuv tells ----------------------------------------------------------------------- */

/* No room for libuv: it only tells, by UV_ENOBUFS, that there is something to be read. The
 * transport reads and writes, by recv(2) and send(2): they cost the kernel less than the readv(2)
 * and writev(2) of libuv do on the same socket. */
static void on_uv_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(NULL, 0);
}

/* After a write that has taken the error of a reset, the next read sees an end. The write may not
 * have been told yet; only its private field has the error then. */
static bool is_reset(const struct stream *stream)
{
    return stream->has_met_reset ||
           (stream->writing_count > 0 && stream->request.write.error == UV_ECONNRESET);
}

void stream_tell_end(struct stream *stream, int status)
{
    stream_pause(stream);
    if (status == UV_EOF && is_reset(stream))
        status = UV_ECONNRESET;
    if (status == UV_EOF) {
        stream->handler->on_eof(stream->owner);
        return;
    }
    stream->is_write_broken = true;
    stream->handler->on_broken(stream->owner, status);
}

/* Where memory is full nothing more comes in until the loop's owner has made room. Where it has
 * none to make, bytes are read by small portions: an unread socket would wake the loop for ever. */
static inline size_t portion(const struct stream *stream)
{
    const struct block_pool *blocks = &stream->loop->blocks;
    size_t most = block_pool_portion(blocks);
    if (block_pool_is_full(blocks) && stream->loop->awaits_room)
        return 0;
    return most < stream->read_max_bytes ? most : stream->read_max_bytes;
}

size_t stream_portion(const struct stream *stream)
{
    return portion(stream);
}

static void read_data(struct stream *stream)
{
    char *bytes = stream->loop->read_buffer;
    if (stream->layer) {
        stream->layer->calls->readable(stream);
        return;
    }
    size_t most = portion(stream);
    stream->has_read_all = false;
    if (most == 0)
        return;
    ssize_t count = transport_read(&stream->transport, bytes, most);
    stream->has_read_all = count < (ssize_t)most;
    if (count > 0)
        stream->handler->on_data(stream->owner, view_of(bytes, (size_t)count));
    else if (count != UV_EAGAIN)
        stream_tell_end(stream, count == 0 ? UV_EOF : (int)count);
}

static ssize_t fill(struct stream *stream, struct splice *splice)
{
    size_t most = SPLICE_PORTIONS * block_pool_portion(&stream->loop->blocks);
    stream->has_read_all = false;
    return splice_fill(splice, transport_splice_fd(&stream->transport), most);
}

static void fill_splice(struct stream *stream)
{
    ssize_t count = fill(stream, stream->splice);
    if (count == UV_EAGAIN)
        return;
    if (count <= 0) {
        stream_tell_end(stream, count == 0 ? UV_EOF : (int)count);
        return;
    }
    if (stream->splice->left == 0)
        stream->splice = NULL;
    stream->handler->on_spliced(stream->owner);
}

/* A pipe that stays empty is given back at once. */
static void fill_soon(struct stream *stream)
{
    struct splice *splice = take_splice(stream, UINT64_MAX);
    stream->splice = NULL;
    if (!splice) {
        read_data(stream);
        return;
    }
    ssize_t count = fill(stream, splice);
    if (count > 0) {
        stream->splice = splice;
        stream->handler->on_spliced(stream->owner);
        return;
    }
    splice_give(&stream->loop->splices, splice);
    if (count == UV_EAGAIN)
        stream->splice = SPLICE_SOON;
    else
        stream_tell_end(stream, count == 0 ? UV_EOF : (int)count);
}

void stream_read_now(struct stream *stream)
{
    if (!stream->is_closing)
        read_data(stream);
}

static void on_uv_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buf)
{
    struct stream *stream = self_of(handle);
    (void)buf;
    if (stream->is_closing)
        return;
    if (count < 0 && count != UV_ENOBUFS && !stream->layer)
        stream_tell_end(stream, (int)count);
    else if (!stream->splice)
        read_data(stream);
    else if (stream->splice == SPLICE_SOON)
        fill_soon(stream);
    else
        fill_splice(stream);
}

static void on_uv_connect(uv_connect_t *request, int status)
{
    struct stream *stream = self_of(request->handle);
    if (stream->is_closing)
        return;
    if (stream->layer && status == 0)
        stream->layer->calls->connected(stream);
    else
        stream->handler->on_connected(stream->owner, status);
}

static void on_uv_write(uv_write_t *request, int status)
{
    struct stream *stream = list_entry(request, struct stream, request.write);
    size_t before = stream_waiting_bytes(stream);
    for (; stream->writing_count > 0; stream->writing_count--)
        block_queue_drop_first(&stream->loop->blocks, &stream->waiting);
    if (stream->is_closing)
        return;
    if (status < 0) {
        bool is_told = stream->is_reading || stream->is_write_broken;
        note_failed_write(stream, status);
        block_queue_clear(&stream->loop->blocks, &stream->waiting);
        if (!is_told)
            stream->handler->on_broken(stream->owner, status);
        return;
    }
    size_t after = stream_waiting_bytes(stream);
    if (stream->waiting.first)
        start_write(stream);
    else if (stream->is_write_closed)
        transport_shut(&stream->transport);
    if (after == 0 || (before > STREAM_LOW_WATER_BYTES && after <= STREAM_LOW_WATER_BYTES))
        stream->handler->on_drained(stream->owner);
}

static void on_uv_close(uv_handle_t *handle)
{
    struct stream *stream = self_of(handle);
    block_queue_clear(&stream->loop->blocks, &stream->waiting);
    stream->loop->stream_count--;
    if (stream->layer)
        stream->layer->calls->drop(stream);
    stream->handler->on_closed(stream->owner);
}
