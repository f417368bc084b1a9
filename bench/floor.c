/* The limit that every proxy is compared with: a relay that copies bytes and looks at none of them.
 * One thread, plain epoll, one connection to a backend for each client connection, in turn.
 *
 *     floor LISTEN BACKEND…          floor 127.0.0.1:8000 127.0.0.2:9000 127.0.0.3:9000
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/socket.h"
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

static void read_side(struct relay *relay, struct side *from)
{
    static char bytes[READ_BYTES];
    struct side *to = from->peer;
    ssize_t count = recv(from->fd, bytes, sizeof(bytes), 0);
    if (count < 0 && errno == EAGAIN)
        return;
    ssize_t sent = count > 0 ? send(to->fd, bytes, (size_t)count, MSG_NOSIGNAL) : 0;
    if (sent < 0 && errno == EAGAIN)
        sent = 0;
    if (count <= 0 || sent < 0)
        kill_pair(relay, from->pair);
    else if (sent < count)
        keep_rest(relay, to, bytes + sent, (size_t)(count - sent));
}

static void write_side(struct relay *relay, struct side *to)
{
    ssize_t sent = send(to->fd, to->waiting + to->waiting_at, to->waiting_len, MSG_NOSIGNAL);
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
