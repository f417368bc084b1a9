/* A stream with TLS on it: hands are shaken first, and then on_connected tells the end of it: 0, or a negative libuv error, and
 * stream_tls_problem says why. There is no deadline here either. What is written and read is plain from then on; what
 * waits is counted as it goes over the wire. stream_shut_write and stream_close say close_notify before the FIN, and no bytes
 * are spliced. Thread: the loop's. */
#ifndef LB_NET_STREAM_TLS_H
#define LB_NET_STREAM_TLS_H

#include "lb/net/stream.h"
#include "lb/tls/tls_session.h"

struct stream_tls {
    struct stream_layer layer;
    struct tls_session *session;
    struct stream *stream;
    struct loop_task soon; /* what is pending is read, or hands are shaken */
    bool is_shaking;
    bool is_watched; /* libuv tells what comes */
};

/* On a stream that was accepted, or that connects: it stops reading, and on_connected comes. `early`: bytes of the peer that
 * somebody has read already (behind a PROXY header); copied; mostly empty. Fails: a negative libuv error, out of memory; the
 * stream is then closing, and on_closed comes. */
int stream_tls_accept(struct stream *stream, struct tls_server *server, struct view early);
int stream_tls_connect(struct stream *stream, struct tls_client *client, const struct address *to);

/* stream_accept and stream_connect, and the above. */
static inline int stream_accept_tls(struct stream *stream, struct loop *loop,
                                    struct listener *listener, struct tls_server *server,
                                    struct view early, const struct stream_handler *handler,
                                    void *owner)
{
    int rc = stream_accept(stream, loop, listener, handler, owner);
    return rc < 0 ? rc : stream_tls_accept(stream, server, early);
}

static inline int stream_connect_tls(struct stream *stream, struct loop *loop,
                                     const struct address *to, struct tls_client *client,
                                     const struct stream_handler *handler, void *owner)
{
    int rc = stream_connect(stream, loop, to, handler, owner);
    return rc < 0 ? rc : stream_tls_connect(stream, client, to);
}

/* NULL: plain. Borrowed until on_closed. */
static inline struct tls_session *stream_tls(const struct stream *stream)
{
    return stream->layer ? list_entry(stream->layer, struct stream_tls, layer)->session : NULL;
}

/* After on_connected told a failure: bytes as they are, for who does not speak TLS; as stream_write. */
enum stream_written stream_tls_say_plainly(struct stream *stream, struct view bytes);

/* As tls_session_problem; empty where there is no TLS. */
static inline struct view stream_tls_problem(const struct stream *stream)
{
    const struct tls_session *session = stream_tls(stream);
    return session ? tls_session_problem(session) : VIEW("");
}

/* In and after on_eof: it ended without saying so, as only TLS can tell: what has no end of its own is not whole. */
static inline bool stream_was_cut_off(const struct stream *stream)
{
    const struct tls_session *session = stream_tls(stream);
    return session && tls_session_was_cut_off(session);
}

#endif
