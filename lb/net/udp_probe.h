/* A UDP socket that is connected to one peer, to ask it something: datagrams go out and come back, and what
 * the network says of the peer (ICMP) is told too. */
#ifndef LB_NET_UDP_PROBE_H
#define LB_NET_UDP_PROBE_H

#include "lb/base/address.h"
#include "lb/base/view.h"
#include "lb/net/loop.h"

/* All calls come from the probe's loop. A call is the last thing the probe does with itself, so a handler
 * may close it. None comes after udp_probe_close but on_closed. */
struct udp_probe_handler {
    void (*on_datagram)(void *owner, struct view data); /* borrowed until return; may be empty */
    /* A negative libuv error; it is to be closed then. UV_ECONNREFUSED: nobody listens on that port. */
    void (*on_broken)(void *owner, int status);
    void (*on_closed)(void *owner); /* the memory may go now */
};

struct udp_probe {
    union {
        uv_poll_t poll;
        uv_timer_t none; /* of one that could not be opened, so that it can be closed */
    } as;
    int fd; /* -1: closed */
    struct loop *loop;
    const struct udp_probe_handler *handler;
    void *owner;
};

/* Fails: a negative libuv error; the probe is then closing and on_closed comes. */
int udp_probe_open(struct udp_probe *probe, struct loop *loop, const struct address *to,
                   const struct udp_probe_handler *handler, void *owner);

/* One datagram; it may be empty. Fails: a negative libuv error, which on_broken does not tell. */
int udp_probe_send(struct udp_probe *probe, struct view data);

/* Tells what has come, as the loop would: for who is about to judge by a clock. */
void udp_probe_look(struct udp_probe *probe);

/* Idempotent. */
void udp_probe_close(struct udp_probe *probe);

#endif
