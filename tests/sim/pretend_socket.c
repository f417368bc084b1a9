/* Descriptors of pretend: the linker puts these in the place of the calls of the same name. */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/sim/pretend_uv.h"
#include "tests/sim/sim_check.h"

#define PIECES_MAX 64
#define WALL_S     1767225600 /* 2026-01-01 00:00:00 UTC, when the loop's time is 0 */

ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_socket_call_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __wrap_socket_call_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_ioctl(int fd, unsigned long request, int *value);
int __wrap_clock_gettime(clockid_t id, struct timespec *now);
int __real_clock_gettime(clockid_t id, struct timespec *now);
int __wrap_socket(int family, int type, int protocol);
int __wrap_bind(int fd, const struct sockaddr *at, socklen_t len);
int __wrap_listen(int fd, int backlog);
int __wrap_accept4(int fd, struct sockaddr *peer, socklen_t *len, int flags);
int __wrap_shutdown(int fd, int how);
int __wrap_close(int fd);
int __real_close(int fd);

static ssize_t fail(int error)
{
    errno = error;
    return -1;
}

static int read_end(struct pretend_uv_wire *wire)
{
    bool is_reset = wire->has_reset && !wire->is_reset_told;
    wire->is_reset_told = wire->has_reset;
    int status = wire->is_lost ? UV_ETIMEDOUT : UV_ECONNRESET;
    pretend_uv.hooks->on_read_end(wire, is_reset ? status : UV_EOF);
    return is_reset ? status : 0;
}

ssize_t pretend_uv_take(struct pretend_uv_wire *wire, void *bytes, size_t most)
{
    size_t size = wire->sent.len - wire->read_at;
    if (!pretend_uv_is_readable(wire))
        return UV_EAGAIN;
    if (size == 0)
        return read_end(wire);
    size = size < most ? size : most;
    size = size < pretend_uv.segment_bytes ? size : pretend_uv.segment_bytes;
    memcpy(bytes, wire->sent.bytes + wire->read_at, size);
    wire->read_at += size;
    pretend_uv.hooks->on_read(wire, view_of(bytes, size));
    return (ssize_t)size;
}

ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    SIM_CHECK(wire && !wire->is_closing && len > 0);
    if (flags & MSG_PEEK) { /* whether there is something is all that is asked */
        if (!pretend_uv_is_readable(wire))
            return fail(EAGAIN);
        return wire->sent.len > wire->read_at;
    }
    ssize_t count = pretend_uv_take(wire, bytes, len);
    if (count < 0)
        return fail((int)-count);
    if (count > 0)
        pretend_uv.last_read = (struct iovec){.iov_base = bytes, .iov_len = (size_t)count};
    return count;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    uv_buf_t bufs[PIECES_MAX];
    SIM_CHECK(wire && !wire->is_closing && !wire->connecting && !wire->writing);
    SIM_CHECK(flags & MSG_NOSIGNAL && message->msg_iovlen <= PIECES_MAX);
    for (size_t i = 0; i < message->msg_iovlen; i++)
        bufs[i] = uv_buf_init(message->msg_iov[i].iov_base, (unsigned)message->msg_iov[i].iov_len);
    int rc = pretend_uv_put(wire, bufs, (unsigned)message->msg_iovlen);
    wire->is_held_back = rc > 0 && flags & MSG_MORE;
    return rc < 0 ? fail(-rc) : rc;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    return __wrap_sendmsg(fd, &message, flags);
}

ssize_t __wrap_socket_call_recv(int fd, void *bytes, size_t len, int flags)
{
    return __wrap_recv(fd, bytes, len, flags);
}

ssize_t __wrap_socket_call_send(int fd, const void *bytes, size_t len, int flags)
{
    return __wrap_send(fd, bytes, len, flags);
}

/* What struct tcp_info of the C library has, and tcpi_bytes_acked behind it. */
#define TCP_INFO_BYTES    128
#define TCP_INFO_ACKED_AT 120

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    struct tcp_info info = {.tcpi_state = TCP_ESTABLISHED};
    char all[TCP_INFO_BYTES] = {0};
    if (!wire || level != IPPROTO_TCP || name != TCP_INFO)
        return (int)fail(EOPNOTSUPP);
    if (wire->has_shut || wire->has_reset)
        info.tcpi_state = TCP_CLOSE_WAIT;
    if (wire->has_reset || wire->is_over)
        info.tcpi_state = TCP_CLOSE;
    info.tcpi_retransmits = wire->retransmits;
    info.tcpi_last_ack_recv = wire->ack_age_ms;
    memcpy(all, &info, sizeof(info) < TCP_INFO_ACKED_AT ? sizeof(info) : TCP_INFO_ACKED_AT);
    memcpy(all + TCP_INFO_ACKED_AT, &wire->acknowledged_bytes, sizeof(wire->acknowledged_bytes));
    *len = *len < sizeof(all) ? *len : (socklen_t)sizeof(all);
    memcpy(value, all, *len);
    return 0;
}

/* SO_LINGER is how lb asks for a reset. */
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    (void)value, (void)len;
    if (wire && level == SOL_SOCKET && name == SO_LINGER)
        wire->was_reset = true;
    return 0;
}

/* lb asks what the far end has not acknowledged. */
int __wrap_ioctl(int fd, unsigned long request, int *value)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    (void)request;
    *value = wire ? wire->unacknowledged_bytes : 0;
    return 0;
}

/* All clocks are the loop's, once there is a loop. */
int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
    if (!pretend_uv.loop)
        return __real_clock_gettime(id, now);
    uint64_t ms = pretend_uv.loop->time;
    time_t seconds = id == CLOCK_REALTIME ? WALL_S : 0;
    *now = (struct timespec){.tv_sec = seconds + (time_t)(ms / 1000),
                             .tv_nsec = (long)(ms % 1000) * 1000000};
    return 0;
}

int __wrap_socket(int family, int type, int protocol)
{
    (void)family, (void)type, (void)protocol;
    return PRETEND_UV_LISTENER_FD;
}

int __wrap_bind(int fd, const struct sockaddr *at, socklen_t len)
{
    (void)fd, (void)at, (void)len;
    return 0;
}

int __wrap_listen(int fd, int backlog)
{
    (void)fd, (void)backlog;
    return 0;
}

/* uv_tcp_open makes the connection one of lb's. */
int __wrap_accept4(int fd, struct sockaddr *peer, socklen_t *len, int flags)
{
    struct pretend_uv_wire *wire = pretend_uv_waiting_client();
    SIM_CHECK(fd == PRETEND_UV_LISTENER_FD && flags & SOCK_NONBLOCK);
    if (!wire)
        return (int)fail(EAGAIN);
    SIM_CHECK(*len >= address_size(&wire->peer));
    *len = address_size(&wire->peer);
    memcpy(peer, &wire->peer.socket, *len);
    for (fd++; pretend_uv_wire_at(fd) != wire; fd++)
        ;
    return fd;
}

int __wrap_shutdown(int fd, int how)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    SIM_CHECK(wire && !wire->is_closing && how == SHUT_WR);
    if (!wire->was_shut && !wire->has_reset)
        pretend_uv.hooks->on_write_end(wire);
    wire->was_shut = true;
    return 0;
}

int __wrap_close(int fd)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    if (wire)
        wire->was_closed = true;
    return wire || fd >= PRETEND_UV_LISTENER_FD ? 0 : __real_close(fd);
}
