#include "bench/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096

void socket_die(const char *what)
{
    perror(what);
    exit(1);
}

struct address socket_address(const char *text)
{
    struct address address;
    if (!address_parse(view_str(text), &address)) {
        fprintf(stderr, "'%s' is no IP:PORT\n", text);
        exit(2);
    }
    return address;
}

static void set_no_delay(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

int socket_listen(const struct address *at)
{
    int on = 1;
    int fd = socket(at->socket.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        socket_die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (bind(fd, &at->socket.any, address_size(at)) < 0)
        socket_die("bind");
    if (listen(fd, BACKLOG) < 0)
        socket_die("listen");
    return fd;
}

int socket_connect(const struct address *to)
{
    int fd = socket(to->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, &to->socket.any, address_size(to)) < 0) {
        close(fd);
        return -1;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    set_no_delay(fd);
    return fd;
}

int socket_call_from(const struct address *to, unsigned source)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    uint32_t ip = 0x7f630001u + source % SOCKET_SOURCES; /* 127.99.0.1 and on */
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(ip)};
    if (fd < 0)
        socket_die("socket");
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
        socket_die("bind");
    if (connect(fd, &to->socket.any, address_size(to)) < 0 && errno != EINPROGRESS)
        socket_die("connect");
    return fd;
}

int socket_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        set_no_delay(fd);
    return fd;
}

void socket_watch(int epoll, int fd, int operation, uint32_t events, void *owner)
{
    struct epoll_event event = {.events = events, .data.ptr = owner};
    if (epoll_ctl(epoll, operation, fd, &event) < 0)
        socket_die("epoll_ctl");
}
