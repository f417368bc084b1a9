#include "lb/net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Up to so many bytes are copied together for less than the kernel takes for pieces. */
#define GATHERED_BYTES 1024

int socket_listen(const struct address *at)
{
    int on = 1, off = 0, family = at->socket.any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* what it accepts inherits it */
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0 &&
        bind(fd, &at->socket.any, address_size(at)) == 0 && listen(fd, SOCKET_BACKLOG) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

void socket_adopt(int fd)
{
    socket_make_hasty(fd);
    listen(fd, SOCKET_BACKLOG);
}

static void clear_option(int fd, int level, int option)
{
    int none = 0;
    setsockopt(fd, level, option, &none, sizeof(none));
}

int socket_restore(int fd)
{
    int none = 0, is_listening = 1;
    socklen_t size = sizeof(is_listening);
    if (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none)) < 0 && errno != ENOENT)
        return -errno;
    clear_option(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF);
    clear_option(fd, IPPROTO_IP, IP_MINTTL);
    clear_option(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT);
    if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) < 0)
        return -errno;
    return is_listening || listen(fd, SOCKET_BACKLOG) == 0 ? 0 : -errno;
}

static ssize_t send_pieces(int fd, const struct iovec *pieces, unsigned count, size_t total,
                           int flags)
{
    __attribute__((uninitialized)) char gathered[GATHERED_BYTES]; /* filled as far as it is sent */
    char *end = gathered;
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)pieces, .msg_iovlen = count};
    if (count == 1)
        return socket_call_send(fd, pieces->iov_base, total, flags);
    if (total > sizeof(gathered))
        return sendmsg(fd, &message, flags);
    for (unsigned i = 0; i < count; i++)
        end = mempcpy(end, pieces[i].iov_base, pieces[i].iov_len);
    return socket_call_send(fd, gathered, total, flags);
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

void socket_make_hasty(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void socket_reset_at_close(int fd)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

/* Asks after `idle_s`, again each `interval_s`, `count` times. */
static void watch(int fd, int idle_s, int interval_s, int count)
{
    const struct {
        int level, option, value;
    } settings[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, idle_s},
        {IPPROTO_TCP, TCP_KEEPINTVL, interval_s},
        {IPPROTO_TCP, TCP_KEEPCNT, count},
    };
    for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        setsockopt(fd, settings[i].level, settings[i].option, &settings[i].value, sizeof(int));
}

/* As many questions, in the second half of the time. */
#define QUESTIONS 3u

/* Of TCP_KEEPIDLE. */
#define IDLE_MAX_S 32767u

void socket_watch_peer(int fd, unsigned dead_after_ms)
{
    unsigned all_s = (dead_after_ms + 999) / 1000;
    unsigned interval_s = all_s / (2 * QUESTIONS) > 0 ? all_s / (2 * QUESTIONS) : 1;
    unsigned idle_s = all_s > QUESTIONS * interval_s ? all_s - QUESTIONS * interval_s : 1;
    watch(fd, (int)(idle_s < IDLE_MAX_S ? idle_s : IDLE_MAX_S), (int)interval_s, QUESTIONS);
}

void socket_watch_long(int fd)
{
    watch(fd, 30, 10, 6);
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

bool socket_is_over(int fd)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 || info.tcpi_state == TCP_CLOSE;
}

int socket_copy(int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return copy < 0 ? -errno : copy;
}

bool socket_address(int fd, struct address *out)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof(name);
    return getsockname(fd, (struct sockaddr *)&name, &len) == 0 &&
           address_from_sockaddr((struct sockaddr *)&name, out);
}
