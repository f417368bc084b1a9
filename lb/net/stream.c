#include "lb/net/stream.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lb/base/list.h"
#include "lb/net/listener.h"

#define WRITE_BLOCKS_MAX 16u

/* A pipe takes so many portions at a time, and while they are smaller none is begun. */
#define SPLICE_PORTIONS    4u
#define SPLICE_PORTION_MIN 16384u

/* Of a pipe's bytes, that wait while the socket takes no more. */
#define SPLICE_WAITING_BYTES BLOCK_SMALL_BYTES

/* Up to so many bytes are copied together for less than the kernel takes for pieces. */
#define GATHERED_BYTES 1024

/* Of tcpi_bytes_acked (Linux 4.1), which the C library's struct tcp_info does not have. */
#define TCP_INFO_ACKED_AT 120

/* Sent again so often in a row without an answer: 1.4 s at the least. */
#define LOST_RETRANSMITS 3

static void on_uv_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);
static void on_uv_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buf);
static void on_uv_connect(uv_connect_t *request, int status);
static void on_uv_write(uv_write_t *request, int status);
static void on_uv_shutdown(uv_shutdown_t *request, int status);
static void on_uv_close(uv_handle_t *handle);

static struct stream *self_of(void *tcp)
{
    return list_entry(tcp, struct stream, tcp);
}

static uv_stream_t *uv_of(struct stream *stream)
{
    return (uv_stream_t *)&stream->tcp;
}

static int init(struct stream *stream, struct loop *loop, const struct stream_handler *handler,
                void *owner)
{
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
    return uv_tcp_init(&loop->uv, &stream->tcp);
}

int stream_accept(struct stream *stream, struct loop *loop, struct listener *listener,
                  const struct stream_handler *handler, void *owner)
{
    int fd = listener_take(listener);
    int rc = init(stream, loop, handler, owner);
    if (rc == 0)
        rc = uv_tcp_open(&stream->tcp, fd);
    if (rc < 0) {
        close(fd);
        stream_close(stream);
    }
    return rc;
}

int stream_connect(struct stream *stream, struct loop *loop, const struct address *to,
                   const struct stream_handler *handler, void *owner)
{
    int rc = init(stream, loop, handler, owner);
    loop->deadlines.has_slow_call = true;
    if (rc == 0)
        rc = uv_tcp_connect(&stream->request.connect, &stream->tcp, &to->socket.any, on_uv_connect);
    if (rc < 0)
        stream_close(stream);
    return rc;
}

void stream_resume(struct stream *stream)
{
    if (stream->is_reading || stream->is_closing)
        return;
    stream->is_reading = uv_read_start(uv_of(stream), on_uv_alloc, on_uv_read) == 0;
}

void stream_pause(struct stream *stream)
{
    if (!stream->is_reading || stream->is_closing)
        return;
    uv_read_stop(uv_of(stream));
    stream->is_reading = false;
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

/* libuv tells that a socket is ready; bytes are moved by send(2) and recv(2), which cost the kernel
 * less than the writev(2) and read(2) of libuv do on the same socket. */
static ssize_t send_pieces(int fd, const struct iovec *pieces, unsigned count, size_t total,
                           int flags)
{
    char gathered[GATHERED_BYTES], *end = gathered;
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)pieces, .msg_iovlen = count};
    if (count == 1)
        return send(fd, pieces->iov_base, total, flags);
    if (total > sizeof(gathered))
        return sendmsg(fd, &message, flags);
    for (unsigned i = 0; i < count; i++)
        end = mempcpy(end, pieces[i].iov_base, pieces[i].iov_len);
    return send(fd, gathered, total, flags);
}

/* The socket tells an error once: a reset that a write has met is not seen by the next read. */
static void note_failed_write(struct stream *stream, int status)
{
    stream->is_write_broken = true;
    stream->has_met_reset = status == UV_ECONNRESET;
}

/* Gives how many bytes the socket took, or a negative libuv error. */
static ssize_t write_now(struct stream *stream, const struct iovec *pieces, unsigned count,
                         size_t total)
{
    uv_os_fd_t fd;
    int rc = uv_fileno((const uv_handle_t *)&stream->tcp, &fd);
    if (rc < 0)
        return rc;
    int flags = MSG_NOSIGNAL | (stream->is_ending ? MSG_MORE : 0);
    ssize_t sent = send_pieces(fd, pieces, count, total, flags);
    if (sent >= 0)
        return sent;
    return errno == EAGAIN ? 0 : uv_translate_sys_error(errno);
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

enum stream_written stream_write(struct stream *stream, const struct iovec *pieces, unsigned count)
{
    size_t total = 0;
    ssize_t sent = 0;
    assert(!stream->is_closing && !stream->is_write_closed);
    if (stream->is_write_broken)
        return STREAM_BROKEN;
    for (unsigned i = 0; i < count; i++)
        total += pieces[i].iov_len;
    if (stream->waiting.first == NULL) {
        sent = write_now(stream, pieces, count, total);
        if (sent < 0) {
            note_failed_write(stream, (int)sent);
            return STREAM_BROKEN;
        }
        if ((size_t)sent == total)
            return STREAM_WRITTEN;
    }
    keep_rest(stream, pieces, count, (size_t)sent);
    if (stream->writing_count == 0)
        start_write(stream);
    size_t high_water = block_pool_portion(&stream->loop->blocks);
    return stream_waiting_bytes(stream) > high_water ? STREAM_FULL : STREAM_WAITS;
}

struct splice *stream_splice(struct stream *stream, uint64_t left)
{
    uv_os_fd_t fd;
    assert(!stream->splice);
    if (block_pool_portion(&stream->loop->blocks) >= SPLICE_PORTION_MIN &&
        uv_fileno((const uv_handle_t *)&stream->tcp, &fd) == 0)
        stream->splice = splice_take(&stream->loop->splices, left);
    return stream->splice;
}

/* Only a write that waits is told by libuv when the socket takes bytes again, so that a few of a
 * full socket's bytes go the ordinary way. */
static enum stream_written write_few(struct stream *stream, struct splice *splice, size_t *count)
{
    char *bytes = stream->loop->read_buffer;
    ssize_t few = splice_read(splice, bytes, SPLICE_WAITING_BYTES);
    assert(few > 0);
    *count += (size_t)few;
    return stream_write(stream, &(struct iovec){.iov_base = bytes, .iov_len = (size_t)few}, 1);
}

enum stream_written stream_write_splice(struct stream *stream, struct splice *splice, size_t *count)
{
    enum stream_written written = stream->waiting.first ? STREAM_WAITS : STREAM_WRITTEN;
    uv_os_fd_t fd;
    *count = 0;
    if (stream->is_write_broken || uv_fileno((const uv_handle_t *)&stream->tcp, &fd) < 0)
        return STREAM_BROKEN;
    while (written == STREAM_WRITTEN && splice->len > 0) {
        ssize_t moved = splice_empty(splice, fd);
        if (moved > 0) {
            *count += (size_t)moved;
        } else if (moved == UV_EAGAIN) {
            written = write_few(stream, splice, count);
        } else {
            note_failed_write(stream, (int)moved);
            return STREAM_BROKEN;
        }
    }
    return splice->len > 0 && written != STREAM_BROKEN ? STREAM_FULL : written;
}

size_t stream_waiting_bytes(const struct stream *stream)
{
    return stream->waiting.len;
}

size_t stream_unacknowledged_bytes(const struct stream *stream)
{
    uv_os_fd_t fd;
    int in_kernel = 0;
    if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) < 0 ||
        ioctl(fd, SIOCOUTQ, &in_kernel) < 0)
        in_kernel = 0;
    size_t queued = uv_stream_get_write_queue_size((const uv_stream_t *)&stream->tcp);
    size_t handed = 0;
    const struct block *block = stream->waiting.first;
    for (unsigned i = 0; i < stream->writing_count; i++, block = block->next)
        handed += block->len;
    return stream->waiting.len - handed + queued + (size_t)in_kernel;
}

uint64_t stream_acknowledged_bytes(const struct stream *stream)
{
    char info[TCP_INFO_ACKED_AT + sizeof(uint64_t)];
    socklen_t len = sizeof(info);
    uint64_t count;
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) < 0 ||
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) < 0 || len < sizeof(info))
        return UINT64_MAX;
    memcpy(&count, info + TCP_INFO_ACKED_AT, sizeof(count));
    return count;
}

void stream_watch_peer(struct stream *stream)
{
    static const struct {
        int level, option, value;
    } settings[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 3},
        {IPPROTO_TCP, TCP_KEEPINTVL, 1},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},
    };
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) < 0)
        return;
    for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        setsockopt(fd, settings[i].level, settings[i].option, &settings[i].value, sizeof(int));
}

bool stream_is_peer_lost(const struct stream *stream)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    uv_os_fd_t fd;
    return uv_fileno((const uv_handle_t *)&stream->tcp, &fd) == 0 &&
           getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
           info.tcpi_retransmits >= LOST_RETRANSMITS;
}

bool stream_has_peer_ended(const struct stream *stream)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    uv_os_fd_t fd;
    return uv_fileno((const uv_handle_t *)&stream->tcp, &fd) < 0 ||
           getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
           info.tcpi_state != TCP_ESTABLISHED;
}

enum stream_look stream_look(const struct stream *stream)
{
    char byte;
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) < 0)
        return STREAM_ENDED;
    ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count > 0)
        return STREAM_SPEAKS;
    return count < 0 && errno == EAGAIN ? STREAM_QUIET : STREAM_ENDED;
}

static void start_shutdown(struct stream *stream)
{
    uv_shutdown(&stream->request.shutdown, uv_of(stream), on_uv_shutdown);
}

void stream_shut_write(struct stream *stream)
{
    if (stream->is_write_closed || stream->is_write_broken || stream->is_closing)
        return;
    stream->is_write_closed = true;
    if (stream->waiting.first == NULL)
        start_shutdown(stream);
}

/* Bytes that still wait for a FIN to go with them would be lost by a close that resets, as it does
 * where something unread has come. */
static void send_fin(struct stream *stream)
{
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) == 0)
        shutdown(fd, SHUT_WR);
}

void stream_close(struct stream *stream)
{
    if (stream->is_closing)
        return;
    if (stream->is_ending)
        send_fin(stream);
    stream->is_closing = true;
    stream->is_reading = false;
    stream->splice = NULL;
    uv_close((uv_handle_t *)&stream->tcp, on_uv_close);
}

void stream_abort(struct stream *stream)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    uv_os_fd_t fd;
    stream->is_ending = false; /* what it was to end with is not to arrive */
    if (!stream->is_closing && uv_fileno((uv_handle_t *)&stream->tcp, &fd) == 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    stream_close(stream);
}

/* ---- what libuv tells -------------------------------------------------------------------------
 */

/* No room for libuv: it only tells, by UV_ENOBUFS, that there is something to be read. */
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

static void tell_end(struct stream *stream, int status)
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
static void read_data(struct stream *stream, int fd)
{
    char *bytes = stream->loop->read_buffer;
    const struct block_pool *blocks = &stream->loop->blocks;
    size_t most = block_pool_portion(blocks);
    stream->has_read_all = false;
    if (block_pool_is_full(blocks) && stream->loop->awaits_room)
        return;
    if (most > stream->read_max_bytes)
        most = stream->read_max_bytes;
    ssize_t count = recv(fd, bytes, most, 0);
    stream->has_read_all = count < (ssize_t)most;
    if (count > 0)
        stream->handler->on_data(stream->owner, view_of(bytes, (size_t)count));
    else if (count == 0 || errno != EAGAIN)
        tell_end(stream, count == 0 ? UV_EOF : uv_translate_sys_error(errno));
}

static void fill_splice(struct stream *stream, int fd)
{
    size_t most = SPLICE_PORTIONS * block_pool_portion(&stream->loop->blocks);
    ssize_t count = splice_fill(stream->splice, fd, most);
    stream->has_read_all = false;
    if (count == UV_EAGAIN)
        return;
    if (count <= 0) {
        tell_end(stream, count == 0 ? UV_EOF : (int)count);
        return;
    }
    if (stream->splice->left == 0)
        stream->splice = NULL;
    stream->handler->on_spliced(stream->owner);
}

static void on_uv_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buf)
{
    struct stream *stream = self_of(handle);
    uv_os_fd_t fd;
    int rc = uv_fileno((const uv_handle_t *)handle, &fd);
    (void)buf;
    if (stream->is_closing)
        return;
    if (rc < 0 || (count < 0 && count != UV_ENOBUFS))
        tell_end(stream, rc < 0 ? rc : (int)count);
    else if (stream->splice)
        fill_splice(stream, fd);
    else
        read_data(stream, fd);
}

static void on_uv_connect(uv_connect_t *request, int status)
{
    struct stream *stream = self_of(request->handle);
    if (stream->is_closing)
        return;
    if (status == 0)
        uv_tcp_nodelay(&stream->tcp, 1);
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
        start_shutdown(stream);
    if (after == 0 || (before > STREAM_LOW_WATER_BYTES && after <= STREAM_LOW_WATER_BYTES))
        stream->handler->on_drained(stream->owner);
}

static void on_uv_shutdown(uv_shutdown_t *request, int status)
{
    struct stream *stream = list_entry(request, struct stream, request.shutdown);
    if (status < 0 && status != UV_ECANCELED && !stream->is_closing)
        stream->handler->on_broken(stream->owner, status);
}

static void on_uv_close(uv_handle_t *handle)
{
    struct stream *stream = self_of(handle);
    block_queue_clear(&stream->loop->blocks, &stream->waiting);
    stream->handler->on_closed(stream->owner);
}
