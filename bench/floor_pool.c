/* The floor with many backends: as floor.c it looks at no byte, but each message of a client goes
 * to the next backend in turn, on a connection that waits there since its last answer. One read is
 * one request and one read is one answer, so it is for small messages only.
 *
 *     floor_pool LISTEN BACKEND…     floor_pool 127.0.0.1:8000 127.0.0.2:9000 127.0.0.3:9000
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/socket.h"
#include "lb/base/list.h"
#include "lb/base/memory.h"

#define READ_BYTES     65536u
#define EVENTS_AT_ONCE 256
#define BACKEND_MAX    1024

/* A connection, of a client or to a backend. */
struct side {
    struct list node;  /* of a backend's, while it waits */
    struct side *peer; /* while a request is under way */
    struct backend *backend;
    int fd; /* -1: closed */
    struct side *next_dead;
};

struct backend {
    struct address address;
    struct list idle;
};

struct relay {
    int epoll, listener;
    struct backend backends[BACKEND_MAX];
    unsigned backend_count, next_backend;
    struct side *dead; /* freed after the events at hand, which may still name them */
};

static struct side *add_side(struct relay *relay, int fd, struct backend *backend)
{
    struct side *side = memory_new(sizeof(*side));
    *side = (struct side){.fd = fd, .backend = backend};
    list_init(&side->node);
    socket_watch(relay->epoll, fd, EPOLL_CTL_ADD, EPOLLIN, side);
    return side;
}

static void kill_side(struct relay *relay, struct side *side)
{
    if (!side || side->fd < 0)
        return;
    close(side->fd);
    side->fd = -1;
    list_unlink(&side->node);
    side->next_dead = relay->dead;
    relay->dead = side;
    kill_side(relay, side->peer);
}

static void free_dead(struct relay *relay)
{
    while (relay->dead) {
        struct side *side = relay->dead;
        relay->dead = side->next_dead;
        free(side);
    }
}

/* A connection to the backend whose turn it is, or NULL. */
static struct side *take_backend(struct relay *relay)
{
    struct backend *backend = &relay->backends[relay->next_backend++ % relay->backend_count];
    if (!list_is_empty(&backend->idle)) {
        struct side *side = list_entry(backend->idle.next, struct side, node);
        list_unlink(&side->node);
        return side;
    }
    int fd = socket_connect(&backend->address);
    return fd < 0 ? NULL : add_side(relay, fd, backend);
}

/* Pairs a client that has said something with a backend, and parts them after the answer. */
static void relay_message(struct relay *relay, struct side *from)
{
    static char bytes[READ_BYTES];
    ssize_t count = recv(from->fd, bytes, sizeof(bytes), 0);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count > 0 && !from->backend && !from->peer) {
        from->peer = take_backend(relay);
        if (from->peer)
            from->peer->peer = from;
    }
    struct side *to = from->peer;
    if (count <= 0 || !to || send(to->fd, bytes, (size_t)count, MSG_NOSIGNAL) != count) {
        kill_side(relay, from);
        return;
    }
    if (!from->backend)
        return;
    from->peer = to->peer = NULL;
    list_prepend(&from->backend->idle, &from->node);
}

int main(int argc, char **argv)
{
    static struct relay relay;
    struct epoll_event events[EVENTS_AT_ONCE];
    if (argc < 3 || argc - 2 > BACKEND_MAX)
        return 2;
    struct address at = socket_address(argv[1]);
    for (int i = 2; i < argc; i++) {
        struct backend *backend = &relay.backends[relay.backend_count++];
        backend->address = socket_address(argv[i]);
        list_init(&backend->idle);
    }
    relay.epoll = epoll_create1(EPOLL_CLOEXEC);
    relay.listener = socket_listen(&at);
    socket_watch(relay.epoll, relay.listener, EPOLL_CTL_ADD, EPOLLIN, NULL);
    for (;;) {
        int count = epoll_wait(relay.epoll, events, EVENTS_AT_ONCE, -1);
        for (int i = 0; i < count; i++) {
            struct side *side = events[i].data.ptr;
            int fd = side ? side->fd : socket_accept(relay.listener);
            if (side && fd >= 0)
                relay_message(&relay, side);
            else if (fd >= 0)
                add_side(&relay, fd, NULL);
        }
        free_dead(&relay);
    }
}
