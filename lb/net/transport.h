/* What lies between a stream and its socket: bytes go as they are. A stream knows a transport
 * by open, connect, read, write, splice_fd and close, and has no other way to its socket but
 * libuv's queue. Where TLS is spoken it is the wire: see stream_tls.h. */
#ifndef LB_NET_TRANSPORT_H
#define LB_NET_TRANSPORT_H

#include <uv.h>

#include "lb/net/socket.h"

struct transport {
    uv_tcp_t tcp;
    int fd; /* -1: not open yet, or closed */
};

/* Before all else; from then on transport_close is due, also where what is below fails: it gives a
 * negative libuv error. */
void transport_init(struct transport *transport, uv_loop_t *loop);

/* Takes a connected socket, also when it fails. */
int transport_open(struct transport *transport, int fd);

/* Starts to connect; `on_connect` tells the end of it. */
int transport_connect(struct transport *transport, uv_connect_t *request, const struct address *to,
                      uv_connect_cb on_connect);

/* As socket_recv and socket_send. */
static inline ssize_t transport_read(struct transport *transport, char *bytes, size_t most)
{
    return socket_recv(transport->fd, bytes, most);
}

static inline ssize_t transport_write(struct transport *transport, const struct iovec *pieces,
                                      unsigned count, size_t total, bool end_follows)
{
    return socket_send(transport->fd, pieces, count, total, end_follows);
}

/* As socket_shut, with nothing waiting. */
static inline void transport_shut(struct transport *transport)
{
    socket_shut(transport->fd);
}

/* Where the kernel may move bytes from and to by itself; -1: nowhere. */
static inline int transport_splice_fd(const struct transport *transport)
{
    return transport->fd;
}

enum transport_end {
    TRANSPORT_CLOSES,
    TRANSPORT_ENDS,   /* what was held back goes first with a FIN: where something unread has come,
                       * the close would be a reset and lose it */
    TRANSPORT_RESETS, /* the peer cannot take what it got for complete */
};

/* Closes the socket at once; on_close comes later. */
void transport_close(struct transport *transport, enum transport_end end, uv_close_cb on_close);

#endif
