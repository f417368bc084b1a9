/* What stream.c and stream_tls.c do for each other. For lb/net alone. Thread: the loop's. */
#ifndef LB_NET_STREAM_PARTS_H
#define LB_NET_STREAM_PARTS_H

#include "lb/net/stream.h"

/* ---- by stream.c ---------------------------------------------------------------------------------- */

/* libuv tells what comes; or does no more. */
bool stream_watch(struct stream *stream);
void stream_unwatch(struct stream *stream);

/* What a read takes at most now; 0: memory is full, and nothing is read in this turn. */
size_t stream_portion(const struct stream *stream);

/* Bytes as they go over the wire: as stream_write. */
enum stream_written stream_send(struct stream *stream, const struct iovec *pieces, unsigned count);

void stream_tell_end(struct stream *stream, int status);

/* ---- by stream_tls.c ------------------------------------------------------------------------------ */

/* Something came, or is pending. */
void stream_tls_read(struct stream *stream);

/* It is connected: hands are shaken now. */
void stream_tls_shake(struct stream *stream);

enum stream_written stream_tls_write(struct stream *stream, const struct iovec *pieces,
                                     unsigned count);

/* As stream_write_splice: what is in the pipe is read again. */
enum stream_written stream_tls_write_splice(struct stream *stream, struct splice *splice,
                                            size_t *count);

void stream_tls_resume(struct stream *stream);
void stream_tls_pause(struct stream *stream);
enum socket_look stream_tls_look(struct stream *stream);

/* Says close_notify: a FIN follows. */
void stream_tls_end(struct stream *stream);

void stream_tls_free(struct stream *stream);

#endif
