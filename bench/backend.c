/* The server behind the proxies: cheap enough never to be what is measured. It answers what it has
 * ready: a small page, bodies of a given size, and how many bytes an upload had.
 *
 *     backend LISTEN                 GET /      2 bytes
 *                                    GET /N     N bytes
 *                                    POST /     reads the body (Content-Length), answers as GET /
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench/socket.h"
#include "lb/base/memory.h"

#define READ_BYTES     262144u
#define HEAD_MAX       16384u
#define FILL_BYTES     1048576u
#define EVENTS_AT_ONCE 256

struct connection {
    int fd;
    bool is_waiting;        /* for room in the socket */
    uint64_t upload_left;   /* body bytes of the running request still to come */
    uint64_t download_left; /* body bytes of the answer still to go */
    char head[HEAD_MAX];    /* a head that came in pieces */
    size_t head_len;
};

static char fill[FILL_BYTES];

static void close_connection(struct connection *connection)
{
    close(connection->fd);
    free(connection);
}

/* Writes as much of the answer's body as the socket takes. False: the connection is gone. */
static bool send_body(int epoll, struct connection *connection)
{
    while (connection->download_left > 0) {
        uint64_t left = connection->download_left;
        ssize_t sent = write(connection->fd, fill, left < FILL_BYTES ? (size_t)left : FILL_BYTES);
        if (sent < 0 && errno != EAGAIN)
            return false;
        if (sent < 0)
            break;
        connection->download_left -= (uint64_t)sent;
    }
    bool waits = connection->download_left > 0;
    if (waits != connection->is_waiting)
        socket_watch(epoll, connection->fd, EPOLL_CTL_MOD, waits ? EPOLLOUT : EPOLLIN, connection);
    connection->is_waiting = waits;
    return true;
}

/* False: the connection is gone. */
static bool answer(int epoll, struct connection *connection, uint64_t body_bytes)
{
    static const char small[] = "HTTP/1.1 200 OK\r\nServer: backend\r\nContent-Type: text/plain\r\n"
                                "Content-Length: 2\r\n\r\nok";
    if (body_bytes == 0)
        return send(connection->fd, small, sizeof(small) - 1, MSG_NOSIGNAL) == sizeof(small) - 1;
    char head[128];
    int len = snprintf(head, sizeof(head),
                       "HTTP/1.1 200 OK\r\nServer: backend\r\nContent-Type: text/plain\r\n"
                       "Content-Length: %llu\r\n\r\n",
                       (unsigned long long)body_bytes);
    if (send(connection->fd, head, (size_t)len, MSG_MORE | MSG_NOSIGNAL) != len)
        return false;
    connection->download_left = body_bytes;
    return send_body(epoll, connection);
}

/* The number behind `word`, which is looked for without regard to case; 0 when there is none. */
static uint64_t number_after(struct view head, struct view word)
{
    for (; head.len > word.len; head = view_skip(head, 1))
        if (view_eq_nocase(view_of(head.ptr, word.len), word))
            return strtoull(head.ptr + word.len, NULL, 10);
    return 0;
}

/* The heads at the front of `bytes`; what is left of them is the beginning of another one.
 * False: the connection is gone. */
static bool take(int epoll, struct connection *connection, struct view *bytes)
{
    while (bytes->len > 0) {
        uint64_t left = connection->upload_left;
        size_t part = left < bytes->len ? (size_t)left : bytes->len;
        connection->upload_left -= part;
        *bytes = view_skip(*bytes, part);
        if (left > 0 && connection->upload_left == 0 && !answer(epoll, connection, 0))
            return false;
        if (bytes->len == 0)
            break;
        const char *end = memmem(bytes->ptr, bytes->len, "\r\n\r\n", 4);
        if (!end)
            break;
        struct view head = view_of(bytes->ptr, (size_t)(end + 4 - bytes->ptr));
        *bytes = view_skip(*bytes, head.len);
        if (view_starts_with(head, VIEW("POST ")))
            connection->upload_left = number_after(head, VIEW("\r\nContent-Length: "));
        if (connection->upload_left == 0 &&
            !answer(epoll, connection, number_after(head, VIEW(" /"))))
            return false;
    }
    return true;
}

/* False: the connection is gone. */
static bool read_some(int epoll, struct connection *connection)
{
    static char buffer[HEAD_MAX + READ_BYTES];
    size_t kept = connection->head_len;
    memcpy(buffer, connection->head, kept);
    ssize_t count = recv(connection->fd, buffer + kept, READ_BYTES, 0);
    if (count < 0 && errno == EAGAIN)
        return true;
    if (count <= 0)
        return false;
    struct view bytes = view_of(buffer, kept + (size_t)count);
    if (!take(epoll, connection, &bytes) || bytes.len > HEAD_MAX)
        return false;
    memcpy(connection->head, bytes.ptr, bytes.len);
    connection->head_len = bytes.len;
    return true;
}

static void accept_one(int epoll, int listener)
{
    int fd = socket_accept(listener);
    if (fd < 0)
        return;
    struct connection *connection = memory_new(sizeof(*connection));
    connection->fd = fd;
    socket_watch(epoll, fd, EPOLL_CTL_ADD, EPOLLIN, connection);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    struct address at = socket_address(argv[1]);
    signal(SIGPIPE, SIG_IGN); /* a peer that leaves is no reason to end */
    struct epoll_event events[EVENTS_AT_ONCE];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int listener = socket_listen(&at);
    memset(fill, 'x', sizeof(fill));
    socket_watch(epoll, listener, EPOLL_CTL_ADD, EPOLLIN, NULL);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, -1);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!connection)
                accept_one(epoll, listener);
            else if (!(connection->is_waiting ? send_body(epoll, connection)
                                              : read_some(epoll, connection)))
                close_connection(connection);
        }
    }
}
