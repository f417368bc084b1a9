/* Descriptors of pretend: the linker puts these in the place of the calls of the same name. */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/fuzz/support/pretend_uv.h"
#include "tests/fuzz/support/target.h"

#define PIECES_MAX 64

ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_ioctl(int fd, unsigned long request, int *value);
int __wrap_pipe2(int *ends, int flags);
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

static ssize_t read_end(struct pretend_uv_wire *wire)
{
    bool is_reset = wire->has_reset && !wire->is_reset_told;
    wire->is_reset_told = wire->has_reset;
    pretend_uv.hooks->on_read_end(wire, is_reset ? UV_ECONNRESET : UV_EOF);
    return is_reset ? fail(ECONNRESET) : 0;
}

ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    TARGET_CHECK(wire && !wire->is_closing && len > 0);
    size_t size = wire->sent.len - wire->read_at;
    if (!pretend_uv_is_readable(wire))
        return fail(EAGAIN);
    if (flags & MSG_PEEK)
        return size > 0; /* whether there is something is all that is asked */
    if (size == 0)
        return read_end(wire);
    size = size < len ? size : len;
    size = size < pretend_uv.segment_bytes ? size : pretend_uv.segment_bytes;
    memcpy(bytes, wire->sent.bytes + wire->read_at, size);
    wire->read_at += size;
    pretend_uv.last_read = (struct iovec){.iov_base = bytes, .iov_len = size};
    pretend_uv.hooks->on_read(wire, view_of(bytes, size));
    return (ssize_t)size;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    uv_buf_t bufs[PIECES_MAX];
    TARGET_CHECK(wire && !wire->is_closing && !wire->connecting && !wire->writing);
    TARGET_CHECK(flags & MSG_NOSIGNAL && message->msg_iovlen <= PIECES_MAX);
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

/* Only whether a peer has ended its side is ever asked of a connection here. */
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    struct tcp_info info = {.tcpi_state = TCP_ESTABLISHED};
    if (!wire || level != IPPROTO_TCP || name != TCP_INFO)
        return (int)fail(EOPNOTSUPP);
    if (wire->has_shut || wire->has_reset)
        info.tcpi_state = TCP_CLOSE_WAIT;
    memcpy(value, &info, *len < sizeof(info) ? *len : sizeof(info));
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

/* lb asks what the far end has not acknowledged: nothing. */
int __wrap_ioctl(int fd, unsigned long request, int *value)
{
    (void)fd, (void)request;
    *value = 0;
    return 0;
}

/* There is nothing behind these descriptors that could be spliced, so that bodies are copied. */
int __wrap_pipe2(int *ends, int flags)
{
    (void)ends, (void)flags;
    return (int)fail(EMFILE);
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
    TARGET_CHECK(fd == PRETEND_UV_LISTENER_FD && flags & SOCK_NONBLOCK);
    if (!wire)
        return (int)fail(EAGAIN);
    TARGET_CHECK(*len >= address_size(&wire->peer));
    *len = address_size(&wire->peer);
    memcpy(peer, &wire->peer.socket, *len);
    for (fd++; pretend_uv_wire_at(fd) != wire; fd++)
        ;
    return fd;
}

int __wrap_shutdown(int fd, int how)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    TARGET_CHECK(wire && !wire->is_closing && how == SHUT_WR);
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
    return wire || fd == PRETEND_UV_LISTENER_FD ? 0 : __real_close(fd);
}
