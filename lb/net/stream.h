/* A connection: reads into the loop's buffer, writes at once what the socket takes and keeps the
 * rest, pauses and resumes, closes exactly once. Above this only words of HTTP are spoken. */
#ifndef LB_NET_STREAM_H
#define LB_NET_STREAM_H

#include <stdbool.h>

#include "lb/net/loop.h"
#include "lb/net/progress.h"
#include "lb/net/transport.h"

/* More waiting than this, or than the pool's portion: the source should pause. */
#define STREAM_HIGH_WATER_BYTES BLOCK_PORTION_MAX
#define STREAM_LOW_WATER_BYTES  16384u /* not more than this: on_drained lets it go on */

/* All calls come from the stream's loop. A call is the last thing the stream does with itself, so
 * a handler may close it. None comes after stream_close but on_closed. */
struct stream_handler {
    void (*on_connected)(void *owner, int status);  /* 0, or a negative libuv error */
    void (*on_data)(void *owner, struct view data); /* borrowed until return */
    void (*on_eof)(void *owner);
    void (*on_drained)(void *owner);
    /* After stream_splice: bytes came into the pipe. */
    void (*on_spliced)(void *owner);
    /* The connection failed; told once. While it is being read, a failed write is not told: what
     * the peer had said before comes first, then its end or failure. */
    void (*on_broken)(void *owner, int status);
    void (*on_closed)(void *owner); /* the memory may go now */
};

struct listener;
struct stream;

enum stream_written {
    STREAM_WRITTEN, /* all is with the kernel */
    STREAM_WAITS,   /* the rest was copied and goes out later */
    STREAM_FULL,    /* the same, above the high-water mark */
    STREAM_BROKEN,  /* the connection is gone; on_broken is not called for it */
};

/* Whether what is written goes out at once. The kernel holds back a small segment only while an earlier one is
 * on its way: a connection's first write needs no setting, and of a short exchange it is the only one. */
enum stream_haste {
    STREAM_HASTY,       /* TCP_NODELAY is set */
    STREAM_UNWRITTEN,   /* the next write is the first */
    STREAM_TO_BE_HASTY, /* the next write sets it */
};

/* What makes other bytes of those that are written and read, and lies between the stream and its transport. A plain stream
 * pays a test for NULL. */
struct stream_layer {
    const struct stream_layer_calls *calls;
};

struct stream_layer_calls {
    void (*connected)(struct stream *stream);
    void (*readable)(struct stream *stream);
    enum stream_written (*write)(struct stream *stream, const struct iovec *pieces, unsigned count);
    void (*resume)(struct stream *stream); /* these two set is_reading */
    void (*pause)(struct stream *stream);
    enum socket_look (*look)(struct stream *stream);
    void (*end)(struct stream *stream); /* the FIN follows */
    void (*drop)(struct stream *stream);
};

struct stream {
    struct transport transport;
    struct stream_layer *layer; /* NULL: bytes go as they are */
    union {                     /* one request at a time: connect, then writes */
        uv_connect_t connect;
        uv_write_t write;
    } request;
    struct loop *loop;
    const struct stream_handler *handler;
    void *owner;
    struct splice *splice;      /* takes what is read; NULL: on_data does */
    struct block_queue waiting; /* not with the kernel yet; the front is being written */
    unsigned writing_count;     /* blocks handed to libuv */
    unsigned read_max_bytes;    /* at a time; the owner may set it */
    bool is_reading;
    bool is_write_closed; /* after the last waiting byte: FIN */
    bool is_write_broken;
    bool is_ending;     /* nothing follows the next write but a FIN */
    bool has_met_reset; /* a write failed by a reset */
    bool has_read_all;  /* the latest read took everything that had come by then */
    bool is_closing;
    enum stream_haste haste;
};

/* Takes the connection that on_connection announced. Fails: a negative libuv error; the
 * stream is then closing and on_closed comes. */
int stream_accept(struct stream *stream, struct loop *loop, struct listener *listener,
                  const struct stream_handler *handler, void *owner);

/* Starts to connect; on_connected tells the end of it. There is no deadline here: the owner has one
 * and closes. Fails: a negative libuv error; the stream is then closing and on_closed comes. */
int stream_connect(struct stream *stream, struct loop *loop, const struct address *to,
                   const struct stream_handler *handler, void *owner);

/* All calls go to another owner from now on. */
static inline void stream_hand_over(struct stream *stream, const struct stream_handler *handler,
                                    void *owner)
{
    stream->handler = handler;
    stream->owner = owner;
}

/* Bytes that were read already are told to who owns it now. Nothing is told once it closes. */
static inline void stream_tell_again(struct stream *stream, struct view data)
{
    if (data.len > 0 && !stream->is_closing)
        stream->handler->on_data(stream->owner, data);
}

/* Starts or stops reading. Idempotent. */
void stream_resume(struct stream *stream);
void stream_pause(struct stream *stream);

/* Reads at once what is there by now, as if the loop had told of it: any call may follow. One that is paused
 * stays so. */
void stream_read_now(struct stream *stream);

/* Writes `count` pieces in order with one system call where possible. Bytes are copied if they
 * have to wait. */
enum stream_written stream_write(struct stream *stream, const struct iovec *pieces, unsigned count);

/* The next write is the last, and stream_shut_write, stream_close or stream_abort comes right after
 * it: its bytes and the FIN go out together, one packet less. */
static inline void stream_expect_end(struct stream *stream)
{
    stream->is_ending = true;
}

/* The next `left` bytes that are read go into a pipe, told by on_spliced, and after them on_data
 * goes on. The owner empties the pipe with stream_write_splice, and reads no more until it is
 * empty. Gives: to be handed to splice_give, after stream_unsplice or stream_close unless all
 * `left` bytes have come. NULL: no pipe is to be had. */
struct splice *stream_splice(struct stream *stream, uint64_t left);

/* What is read goes to on_data again. Idempotent. */
static inline void stream_unsplice(struct stream *stream)
{
    stream->splice = NULL;
}

/* From now on what comes goes into a pipe, which is only taken when it comes, and told by on_spliced: there
 * stream_take_splice gives it, and bytes are told by on_data again. So do bytes for which no pipe is to be
 * had. */
void stream_splice_soon(struct stream *stream);

/* In on_spliced after that. Gives: to be handed to splice_give. */
static inline struct splice *stream_take_splice(struct stream *stream)
{
    struct splice *splice = stream->splice;
    stream->splice = NULL;
    return splice;
}

/* Whether there is a way from a pipe: there is none through a layer. */
static inline bool stream_takes_splice(const struct stream *stream)
{
    return stream->layer == NULL;
}

/* Writes what is in the pipe, `*count` bytes of it, behind what waits. STREAM_FULL: some of it is
 * still there and on_drained comes. STREAM_BROKEN as for stream_write. */
enum stream_written stream_write_splice(struct stream *stream, struct splice *splice,
                                        size_t *count);

/* Bytes that wait for the kernel to take them. */
static inline size_t stream_waiting_bytes(const struct stream *stream)
{
    return stream->waiting.len;
}

/* Bytes that the peer has not acknowledged, in the kernel's queue and in front of it. The kernel
 * lets go on writing only when much of its queue is free, so bytes that wait here alone would not
 * tell. One system call. */
size_t stream_unacknowledged_bytes(const struct stream *stream);

/* As progress_acknowledged_bytes. */
static inline uint64_t stream_acknowledged_bytes(const struct stream *stream)
{
    return progress_acknowledged_bytes(stream->transport.fd);
}

/* As progress_is_peer_lost. */
static inline bool stream_is_peer_lost(const struct stream *stream, unsigned silent_ms)
{
    return progress_is_peer_lost(stream->transport.fd, silent_ms);
}

/* As socket_watch_peer: for connections that may wait long; on_broken tells. */
static inline void stream_watch_peer(struct stream *stream, unsigned dead_after_ms)
{
    socket_watch_peer(stream->transport.fd, dead_after_ms);
}

/* The latest read took everything that had come by then. False: it was as large as a read can be,
 * or of just so many bytes as were wanted, so that more may wait. */
static inline bool stream_has_read_all(const struct stream *stream)
{
    return stream->has_read_all;
}

/* As socket_watch_long and socket_is_over. */
static inline void stream_watch_long(struct stream *stream)
{
    socket_watch_long(stream->transport.fd);
}

static inline bool stream_is_over(const struct stream *stream)
{
    return socket_is_over(stream->transport.fd);
}

/* The address that its peer has reached; as socket_address. */
static inline bool stream_reached_address(const struct stream *stream, struct address *out)
{
    return socket_address(stream->transport.fd, out);
}

/* A descriptor more of its connection, for another stream; this one is to be closed then. Fails: -errno. */
static inline int stream_copy_fd(const struct stream *stream)
{
    return socket_copy(stream->transport.fd);
}

/* What waits to be read, as socket_look; through a layer: of what is for the reader. */
enum socket_look stream_look(struct stream *stream);

/* As socket_has_peer_ended. */
static inline bool stream_has_peer_ended(const struct stream *stream)
{
    return socket_has_peer_ended(stream->transport.fd);
}

/* Sends FIN after what waits. Reading goes on. */
void stream_shut_write(struct stream *stream);

/* Closes now; what waits is lost. Idempotent. */
void stream_close(struct stream *stream);

/* Closes with a reset, so that the peer cannot take what it got for complete. Idempotent. */
void stream_abort(struct stream *stream);

/* ---- for a layer ----------------------------------------------------------------------------- */

/* libuv tells what comes; or does no more. */
bool stream_watch(struct stream *stream);
void stream_unwatch(struct stream *stream);

/* What a read takes at most now; 0: memory is full, and nothing is read in this turn. */
size_t stream_portion(const struct stream *stream);

/* Bytes as they go over the wire: as stream_write. */
enum stream_written stream_send(struct stream *stream, const struct iovec *pieces, unsigned count);

/* Of what it reads: UV_EOF, or another negative libuv error. */
void stream_tell_end(struct stream *stream, int status);

/* ---- words ----------------------------------------------------------------------------------- */

/* What a status that a handler got means, as text for a human. Static. */
static inline const char *stream_status_text(int status)
{
    return uv_strerror(status);
}

/* The kernel gave up waiting for the peer. */
static inline bool stream_is_timeout(int status)
{
    return status == UV_ETIMEDOUT;
}

/* A connection that stood ended with it: the kernel gave up waiting, or tells why it had to. */
static inline bool stream_is_loss(int status)
{
    return status == UV_ETIMEDOUT || status == UV_EHOSTUNREACH || status == UV_ENETUNREACH;
}

#endif
