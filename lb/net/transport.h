/* What lies between a stream and its socket: here bytes go as they are. A stream knows a transport
 * by open, connect, read, write, splice_fd and close, and has no other way to its socket but
 * libuv's queue.
 *
 * One that ciphers has `tls`, which is NULL for the plain one: a test of it is all that plain bytes pay. It has no
 * descriptor to splice from. It may hold bytes while the socket is silent: stream_tls.c reads on until nothing is
 * pending, also when it resumes. What stream.c keeps waiting and libuv writes later is what the session has made
 * of the bytes. */
#ifndef LB_NET_TRANSPORT_H
#define LB_NET_TRANSPORT_H

#include <uv.h>

#include "lb/net/socket.h"

struct stream_tls;

struct transport {
    uv_tcp_t tcp;
    int fd;                 /* -1: not open yet, or closed */
    struct stream_tls *tls; /* NULL: plain */
};

/* Before all else; from then on transport_close is due, also where what is below fails: it gives a
 * negative libuv error. */
void transport_init(struct transport *transport, uv_loop_t *loop);

/* Takes a connected socket, also when it fails. */
int transport_open(struct transport *transport, int fd);

/* Starts to connect; `on_connect` tells the end of it. */
int transport_connect(struct transport *transport, uv_connect_t *request, const struct address *to,
                      uv_connect_cb on_connect);

/* As socket_recv and socket_send: what goes over the wire. */
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
    return transport->tls ? -1 : transport->fd;
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
