/* What the run's containers serve beside HTTP: says its name to whoever connects, and sends back what comes; of a
 * datagram likewise, with the name and a blank before it. SIGTERM ends it at once, or after a while in which it
 * accepts no connection. One thread; a client asks for one thing at a time and waits. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_BYTES 65536
#define NAME_BYTES  64

struct server {
    char name[NAME_BYTES]; /* with a newline */
    size_t name_len;
    int grace_ms;
    int epoll, listener, datagrams, signals;
};

static void watch(struct server *server, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        exit(1);
}

static int open_port(int kind, uint16_t port)
{
    int one = 1, fd = socket(AF_INET, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        (kind == SOCK_STREAM && listen(fd, 1024) != 0)) {
        perror("bind");
        exit(1);
    }
    return fd;
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void greet_next(struct server *server)
{
    int one = 1, fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (send(fd, server->name, server->name_len, MSG_NOSIGNAL) == (ssize_t)server->name_len)
        watch(server, fd);
    else
        close(fd);
}

static void echo_some(int fd)
{
    static char piece[PIECE_BYTES];
    ssize_t count = recv(fd, piece, sizeof(piece), 0);
    if (count <= 0 || send(fd, piece, (size_t)count, MSG_NOSIGNAL) != count)
        close(fd);
}

static void echo_datagram(struct server *server)
{
    static char piece[NAME_BYTES + PIECE_BYTES];
    struct sockaddr_in peer;
    socklen_t size = sizeof(peer);
    memcpy(piece, server->name, server->name_len);
    piece[server->name_len - 1] = ' ';
    ssize_t count = recvfrom(server->datagrams, piece + server->name_len, PIECE_BYTES, 0,
                             (struct sockaddr *)&peer, &size);
    if (count >= 0)
        sendto(server->datagrams, piece, server->name_len + (size_t)count, 0,
               (struct sockaddr *)&peer, size);
}

static void run(struct server *server)
{
    int timeout_ms = -1;
    for (;;) {
        struct epoll_event event;
        int count = epoll_wait(server->epoll, &event, 1, timeout_ms);
        int fd = count == 1 ? event.data.fd : -1;
        if (count == 0 || (fd == server->signals && server->grace_ms == 0))
            return;
        if (fd == server->signals) {
            timeout_ms = server->grace_ms; /* of silence */
            close(server->signals);
            close(server->listener);
            server->signals = server->listener = -2;
        } else if (fd == server->listener) {
            greet_next(server);
        } else if (fd == server->datagrams) {
            echo_datagram(server);
        } else if (fd >= 0) {
            echo_some(fd);
        }
    }
}

int main(int argc, char **argv)
{
    static struct server server;
    if (argc != 4) {
        fputs("chaos_echo NAME PORT GRACE-MS\n", stderr);
        return 2;
    }
    server.name_len = (size_t)snprintf(server.name, sizeof(server.name), "%.40s\n", argv[1]);
    server.grace_ms = atoi(argv[3]);
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    uint16_t port = (uint16_t)atoi(argv[2]);
    watch(&server, server.signals = open_signals());
    watch(&server, server.listener = open_port(SOCK_STREAM, port));
    watch(&server, server.datagrams = open_port(SOCK_DGRAM, port));
    run(&server);
    return 0;
}
