/* The limit that every proxy is compared with: a relay that copies bytes and looks at none of them.
 * One thread, plain epoll, one connection to a backend for each client connection, in turn.
 *
 *     floor [--tls PEM] LISTEN BACKEND…          floor 127.0.0.1:8000 127.0.0.2:9000 127.0.0.3:9000
 *
 * --tls: clients speak TLS with it, by the certificate and key of that file, and backends do not.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/socket.h"
#include "bench/tls.h"
#include "lb/base/memory.h"

#define READ_BYTES     65536u
#define EVENTS_AT_ONCE 256
#define BACKEND_MAX    1024

struct pair;

/* One end of a pair. What its socket does not take waits here, and its peer is not read. */
struct side {
    struct pair *pair;
    struct side *peer;
    int fd;
    SSL *tls; /* NULL: plain */
    char *waiting;
    size_t waiting_at, waiting_len;
};

struct pair {
    struct side client, backend;
    struct pair *next_dead;
    bool is_dead;
};

struct relay {
    int epoll, listener;
    SSL_CTX *tls; /* NULL: plain */
    struct address backends[BACKEND_MAX];
    unsigned backend_count, next_backend;
    struct pair *dead; /* freed after the events at hand, which may still name them */
};

static void kill_pair(struct relay *relay, struct pair *pair)
{
    if (pair->is_dead)
        return;
    pair->is_dead = true;
    close(pair->client.fd);
    close(pair->backend.fd);
    pair->next_dead = relay->dead;
    relay->dead = pair;
}

static void free_dead(struct relay *relay)
{
    while (relay->dead) {
        struct pair *pair = relay->dead;
        relay->dead = pair->next_dead;
        SSL_free(pair->client.tls);
        free(pair->client.waiting);
        free(pair->backend.waiting);
        free(pair);
    }
}

static void accept_one(struct relay *relay)
{
    int fd = socket_accept(relay->listener);
    if (fd < 0)
        return;
    struct pair *pair = memory_new(sizeof(*pair));
    const struct address *to = &relay->backends[relay->next_backend++ % relay->backend_count];
    pair->client = (struct side){.pair = pair, .peer = &pair->backend, .fd = fd};
    pair->backend = (struct side){.pair = pair, .peer = &pair->client, .fd = socket_connect(to)};
    if (pair->backend.fd < 0) {
        close(fd);
        free(pair);
        return;
    }
    if (relay->tls) {
        pair->client.tls = SSL_new(relay->tls);
        SSL_set_accept_state(pair->client.tls);
        SSL_set_fd(pair->client.tls, fd);
    }
    socket_watch(relay->epoll, pair->client.fd, EPOLL_CTL_ADD, EPOLLIN, &pair->client);
    socket_watch(relay->epoll, pair->backend.fd, EPOLL_CTL_ADD, EPOLLIN, &pair->backend);
}

/* The socket of `to` is full: the rest waits, and nobody is read until it has left. */
static void keep_rest(struct relay *relay, struct side *to, const char *rest, size_t len)
{
    to->waiting = memory_resize(to->waiting, READ_BYTES);
    memcpy(to->waiting, rest, len);
    to->waiting_at = 0;
    to->waiting_len = len;
    socket_watch(relay->epoll, to->fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT, to);
    socket_watch(relay->epoll, to->peer->fd, EPOLL_CTL_MOD,
                 to->peer->waiting_len > 0 ? EPOLLOUT : 0, to->peer);
}

static ssize_t take(struct side *side, char *bytes, size_t room)
{
    return side->tls ? tls_receive(side->tls, bytes, room) : recv(side->fd, bytes, room, 0);
}

/* TLS sends a record at a time. */
static ssize_t give(struct side *side, const char *bytes, size_t len)
{
    if (!side->tls)
        return send(side->fd, bytes, len, MSG_NOSIGNAL);
    size_t done = 0;
    ssize_t sent = 0;
    while (done < len && (sent = tls_send(side->tls, bytes + done, len - done)) > 0)
        done += (size_t)sent;
    if (sent == 0) { /* it is of no use any more */
        errno = EPIPE;
        return -1;
    }
    return done > 0 ? (ssize_t)done : sent;
}

/* Gives whether there may be more that no event tells of. */
static bool read_once(struct relay *relay, struct side *from)
{
    static char bytes[READ_BYTES];
    struct side *to = from->peer;
    ssize_t count = take(from, bytes, sizeof(bytes));
    if (count < 0 && errno == EAGAIN)
        return false;
    ssize_t sent = count > 0 ? give(to, bytes, (size_t)count) : 0;
    if (sent < 0 && errno == EAGAIN)
        sent = 0;
    if (count <= 0 || sent < 0)
        kill_pair(relay, from->pair);
    else if (sent < count)
        keep_rest(relay, to, bytes + sent, (size_t)(count - sent));
    else
        return from->tls && SSL_has_pending(from->tls);
    return false;
}

static void read_side(struct relay *relay, struct side *from)
{
    while (read_once(relay, from))
        ;
}

static void write_side(struct relay *relay, struct side *to)
{
    ssize_t sent = give(to, to->waiting + to->waiting_at, to->waiting_len);
    if (sent < 0 && errno != EAGAIN) {
        kill_pair(relay, to->pair);
        return;
    }
    to->waiting_at += sent > 0 ? (size_t)sent : 0;
    to->waiting_len -= sent > 0 ? (size_t)sent : 0;
    if (to->waiting_len > 0)
        return;
    bool is_peer_full = to->peer->waiting_len > 0;
    socket_watch(relay->epoll, to->fd, EPOLL_CTL_MOD, is_peer_full ? 0 : EPOLLIN, to);
    socket_watch(relay->epoll, to->peer->fd, EPOLL_CTL_MOD,
                 is_peer_full ? EPOLLIN | EPOLLOUT : EPOLLIN, to->peer);
    if (!is_peer_full && to->peer->tls && SSL_has_pending(to->peer->tls))
        read_side(relay, to->peer);
}

static void run(struct relay *relay)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    for (;;) {
        int count = epoll_wait(relay->epoll, events, EVENTS_AT_ONCE, -1);
        for (int i = 0; i < count; i++) {
            struct side *side = events[i].data.ptr;
            if (!side) {
                accept_one(relay);
                continue;
            }
            if (!side->pair->is_dead && side->waiting_len > 0 && (events[i].events & EPOLLOUT))
                write_side(relay, side);
            else if (!side->pair->is_dead)
                read_side(relay, side);
        }
        free_dead(relay);
    }
}

int main(int argc, char **argv)
{
    static struct relay relay;
    if (argc > 3 && strcmp(argv[1], "--tls") == 0) {
        relay.tls = tls_server(argv[2]);
        argc -= 2;
        argv += 2;
    }
    if (argc < 3 || argc - 2 > BACKEND_MAX)
        return 2;
    struct address at = socket_address(argv[1]);
    for (int i = 2; i < argc; i++)
        relay.backends[relay.backend_count++] = socket_address(argv[i]);
    relay.epoll = epoll_create1(EPOLL_CLOEXEC);
    relay.listener = socket_listen(&at);
    socket_watch(relay.epoll, relay.listener, EPOLL_CTL_ADD, EPOLLIN, NULL);
    run(&relay);
}
