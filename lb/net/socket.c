#include "lb/net/socket.h"

#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Up to so many bytes are copied together for less than the kernel takes for pieces. */
#define GATHERED_BYTES 1024

/* What it is to have before it is bound. */
static int socket_new(const struct address *at, int type)
{
    int on = 1, off = 0, family = at->socket.any.sa_family;
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

int socket_listen(const struct address *at)
{
    int on = 1;
    int fd = socket_new(at, SOCK_STREAM);
    if (fd < 0)
        return fd;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* what it accepts inherits it */
    if (bind(fd, &at->socket.any, address_size(at)) == 0 && listen(fd, SOCKET_BACKLOG) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

int socket_listen_udp(const struct address *at)
{
    int fd = socket_new(at, SOCK_DGRAM);
    if (fd < 0 || bind(fd, &at->socket.any, address_size(at)) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

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

ssize_t socket_send(int fd, const struct iovec *pieces, unsigned count, size_t total,
                    bool end_follows)
{
    int flags = MSG_NOSIGNAL | (end_follows ? MSG_MORE : 0);
    ssize_t sent = send_pieces(fd, pieces, count, total, flags);
    if (sent >= 0)
        return sent;
    return errno == EAGAIN ? 0 : -errno;
}

void socket_shut(int fd)
{
    shutdown(fd, SHUT_WR);
}

void socket_reset_at_close(int fd)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

void socket_watch_peer(int fd)
{
    static const struct {
        int level, option, value;
    } settings[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 3},
        {IPPROTO_TCP, TCP_KEEPINTVL, 1},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},
    };
    for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        setsockopt(fd, settings[i].level, settings[i].option, &settings[i].value, sizeof(int));
}

enum socket_look socket_look(int fd)
{
    char byte;
    ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count > 0)
        return SOCKET_SPEAKS;
    return count < 0 && errno == EAGAIN ? SOCKET_QUIET : SOCKET_ENDED;
}

bool socket_has_peer_ended(int fd)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
           info.tcpi_state != TCP_ESTABLISHED;
}

bool socket_address(int fd, struct address *out)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof(name);
    return getsockname(fd, (struct sockaddr *)&name, &len) == 0 &&
           address_from_sockaddr((struct sockaddr *)&name, out);
}
