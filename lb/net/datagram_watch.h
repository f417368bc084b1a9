/* Many connected UDP sockets behind one handle of a loop: watching one more costs one system call, and none when
 * it is closed. Those that have something to read are told in batches, once a turn of the loop. One that is all
 * alone for a while is watched by the loop itself: that spares it a system call each time. Thread: the loop's. */
#ifndef LB_NET_DATAGRAM_WATCH_H
#define LB_NET_DATAGRAM_WATCH_H

#include <stdbool.h>
#include <sys/epoll.h>

#include "lb/net/loop.h"

/* In one turn, so that others of the loop do not wait for long. */
#define DATAGRAM_WATCH_COUNT 64u

/* So many turns in a row nobody but one had something to read. */
#define DATAGRAM_WATCH_ALONE 32u

struct datagram_watch {
    uv_poll_t poll;
    int fd; /* -1: it is closed */
    struct epoll_event events[DATAGRAM_WATCH_COUNT];
    unsigned count;       /* of events at hand */
    unsigned next;        /* the first that has not been told */
    void *latest;         /* who was alone in the latest turn; NULL: nobody was */
    unsigned alone_count; /* turns in a row */
    uv_poll_t near_poll;
    void *near;         /* whom the loop watches itself; NULL: nobody */
    bool is_near_taken; /* near_poll is in use, or not closed yet */
    /* There is something to read from the socket that was added as `who`, or an error. */
    void (*on_ready)(void *owner, void *who);
    /* The socket that was added as `who`. NULL: none is watched by the loop itself. */
    int (*fd_of)(const void *who);
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

/* It is not told any more. Its socket is to be closed after that, and nobody else may have it. */
void datagram_watch_forget(struct datagram_watch *watch, const void *who);

#endif
