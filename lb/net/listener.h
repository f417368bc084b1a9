/* A listening TCP socket with SO_REUSEPORT: each worker has one of its own per address, and the
 * kernel spreads connections over them. */
#ifndef LB_NET_LISTENER_H
#define LB_NET_LISTENER_H

#include <stdbool.h>

#include "lb/base/address.h"
#include "lb/net/loop.h"

#define LISTENER_BACKLOG 4096

/* In one turn of the loop, so that connections that are served already do not wait for long. */
#define LISTENER_ACCEPTS_MAX 64u

struct listener {
    uv_poll_t poll;
    int fd;
    int accepted_fd;     /* -1: taken */
    struct address peer; /* of the connection that was accepted last */
    /* A connection was accepted from `peer`: take it with stream_accept. */
    void (*on_connection)(void *owner, struct listener *listener);
    void *owner;
    /* Descriptors or memory ran out; a negative libuv error. NULL: nobody wants to know. */
    void (*on_own_fault)(int status);
    struct loop *loop;
    struct deadline rest; /* until it accepts again after descriptors ran out */
    bool is_open;         /* between listener_open and listener_close */
};

/* Binds and listens. When descriptors run out it rests for 100 ms and what comes waits in the
 * backlog. An IPv6 wildcard takes IPv4 too where the system lets it.
 * Fails: a negative libuv error, nothing is left open. */
int listener_open(struct listener *listener, struct loop *loop, const struct address *at,
                  void (*on_connection)(void *owner, struct listener *listener), void *owner);

/* Says whether nobody listens there yet: SO_REUSEPORT alone would let a second program share the
 * port in silence. Fails: a negative libuv error. Thread: any. */
int listener_check_free(const struct address *at);

/* The address it is bound to, with the port that port 0 became. Fails: false. */
bool listener_address(const struct listener *listener, struct address *out);

/* For stream_accept: the connection at hand. Gives: its descriptor, -1 when it was taken. */
int listener_take(struct listener *listener);

/* Takes all connections that wait, and stops listening: closing alone would reset them. Idempotent;
 * the memory must stay until the loop has run once more. */
void listener_finish(struct listener *listener);

/* Stops listening; what waits is reset. As listener_finish. */
void listener_close(struct listener *listener);

#endif
