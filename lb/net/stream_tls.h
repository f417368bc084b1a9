/* What a stream has besides where TLS is spoken on it. For lb/net alone. Thread: the loop's. */
#ifndef LB_NET_STREAM_TLS_H
#define LB_NET_STREAM_TLS_H

#include "lb/net/loop.h"
#include "lb/tls/tls_session.h"

struct address;
struct stream;

struct stream_tls {
    struct tls_session *session;
    struct stream *stream;
    struct loop_task soon; /* what is pending is read, or hands are shaken */
    bool is_shaking;
    bool is_watched; /* libuv tells what comes */
};

/* What stream_secure, stream_accept_tls and stream_connect_tls do once there is a socket. Fails: a negative libuv error; the
 * stream is then closing, and on_closed comes. */
int stream_tls_accept(struct stream *stream, struct tls_server *server, struct view early);
int stream_tls_connect(struct stream *stream, struct tls_client *client, const struct address *to);

#endif
