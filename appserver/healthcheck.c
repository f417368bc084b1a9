#include "appserver/healthcheck.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/clock.h"

#define DEADLINE_NS       2000000000u
#define STATUS_LINE_BYTES 12 /* "HTTP/1.1 200" */

static struct address as_reachable(const struct address *listen)
{
    struct address to = *listen;
    if (to.socket.any.sa_family == AF_INET6) {
        if (IN6_IS_ADDR_UNSPECIFIED(&to.socket.v6.sin6_addr))
            to.socket.v6.sin6_addr = in6addr_loopback;
    } else if (to.socket.v4.sin_addr.s_addr == htonl(INADDR_ANY)) {
        to.socket.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    return to;
}

/* Waits until the socket is ready; errno says why not. */
static bool wait_for(int fd, short events, uint64_t deadline_ns)
{
    uint64_t now_ns = clock_mono_ns();
    struct pollfd wait = {.fd = fd, .events = events};
    int ready = now_ns < deadline_ns ? poll(&wait, 1, (int)((deadline_ns - now_ns) / 1000000)) : 0;
    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0;
}

static bool open_connection(int fd, const struct address *to, uint64_t deadline_ns)
{
    if (connect(fd, &to->socket.any, address_size(to)) == 0)
        return true;
    if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, deadline_ns))
        return false;
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    errno = error;
    return error == 0;
}

/* The request is smaller than any socket buffer, so one send takes it whole. */
static bool ask(int fd, const char *path, uint64_t deadline_ns, char status_line[])
{
    struct text request = TEXT_INIT;
    text_appendf(&request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    bool sent = send(fd, request.bytes, request.len, MSG_NOSIGNAL) == (ssize_t)request.len;
    text_fini(&request);
    size_t got = 0;
    while (sent && got < STATUS_LINE_BYTES) {
        if (!wait_for(fd, POLLIN, deadline_ns))
            return false;
        ssize_t more = recv(fd, status_line + got, STATUS_LINE_BYTES - got, 0);
        if (more == 0)
            errno = ECONNRESET;
        if (more <= 0)
            return false;
        got += (size_t)more;
    }
    return sent;
}

bool healthcheck_run(const struct address *listen, const char *path, struct text *why)
{
    uint64_t deadline_ns = clock_mono_ns() + DEADLINE_NS;
    struct address to = as_reachable(listen);
    char address[ADDRESS_TEXT_BYTES];
    char status_line[STATUS_LINE_BYTES + 1] = "";
    int fd = socket(to.socket.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool answered =
        fd >= 0 && open_connection(fd, &to, deadline_ns) && ask(fd, path, deadline_ns, status_line);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (!answered) {
        text_appendf(why, "%s: %s", address_format(&to, address), strerror(error));
        return false;
    }
    struct view code = view_of(status_line + 9, 3);
    if (view_starts_with(view_str(status_line), VIEW("HTTP/1.")) && view_eq(code, VIEW("200")))
        return true;
    text_appendf(why, "%s answered \"%s\"", path, status_line);
    return false;
}
