#include "lb/run/healthcheck.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TIMEOUT_S 2

/* A wildcard address is asked on loopback. */
static struct address reachable(struct address at)
{
    if (at.socket.any.sa_family == AF_INET && at.socket.v4.sin_addr.s_addr == INADDR_ANY)
        at.socket.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else if (at.socket.any.sa_family == AF_INET6 &&
             IN6_IS_ADDR_UNSPECIFIED(&at.socket.v6.sin6_addr))
        at.socket.v6.sin6_addr = in6addr_loopback;
    return at;
}

static bool ask(int fd, const struct address *at)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: lb\r\nConnection: close\r\n\r\n";
    static const char good[] = "HTTP/1.1 200 ";
    struct timeval timeout = {.tv_sec = TIMEOUT_S};
    char answer[64];
    socklen_t len =
        at->socket.any.sa_family == AF_INET ? sizeof(at->socket.v4) : sizeof(at->socket.v6);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    errno = 0;
    return connect(fd, &at->socket.any, len) == 0 &&
           send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(request) - 1 &&
           recv(fd, answer, sizeof(answer), MSG_WAITALL) >= (ssize_t)sizeof(good) - 1 &&
           memcmp(answer, good, sizeof(good) - 1) == 0;
}

int healthcheck_run(const struct config *config)
{
    char text[ADDRESS_TEXT_BYTES];
    struct address at = reachable(config->admin);
    if (!config->admin_enabled) {
        fputs("lb: no admin listener to ask (--admin off)\n", stderr);
        return 1;
    }
    int fd = socket(at.socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool healthy = fd >= 0 && ask(fd, &at);
    if (!healthy)
        fprintf(stderr, "lb: %s does not answer /healthz with 200%s%s\n", address_format(&at, text),
                errno ? ": " : "", errno ? strerror(errno) : "");
    if (fd >= 0)
        close(fd);
    return healthy ? 0 : 1;
}
