/* Many connected UDP sockets behind one handle of a loop: watching one more costs one system call, and none when
 * it is closed. Those that have something to read are told in batches, once a turn of the loop. Thread: the
 * loop's. */
#ifndef LB_NET_DATAGRAM_WATCH_H
#define LB_NET_DATAGRAM_WATCH_H

#include <stdbool.h>
#include <sys/epoll.h>

#include "lb/net/loop.h"

/* In one turn, so that others of the loop do not wait for long. */
#define DATAGRAM_WATCH_COUNT 64u

struct datagram_watch {
    uv_poll_t poll;
    int fd; /* -1: it is closed */
    struct epoll_event events[DATAGRAM_WATCH_COUNT];
    unsigned count; /* of events at hand */
    unsigned next;  /* the first that has not been told */
    /* There is something to read from the socket that was added as `who`, or an error. */
    void (*on_ready)(void *owner, void *who);
    /* All that were ready have been told, for this turn. Called last. */
    void (*on_told)(void *owner);
    void *owner;
};

/* Watches nothing yet; the handlers are the caller's to set. It does not keep the loop running. Fails: a negative
 * libuv error. */
int datagram_watch_open(struct datagram_watch *watch, struct loop *loop);

/* The loop must run once more. All sockets must be closed. Idempotent. */
void datagram_watch_close(struct datagram_watch *watch);

/* Fails: -errno. */
int datagram_watch_add(struct datagram_watch *watch, int fd, void *who);

/* It is not told any more. Its socket is to be closed, and nobody else may have that. */
void datagram_watch_forget(struct datagram_watch *watch, const void *who);

#endif
