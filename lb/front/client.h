/* A client's connection: reads requests, one at a time, and knows nothing of backends. Bytes that
 * cannot be used yet (a pipelined request, a body that nobody takes) are held and reading pauses.
 *
 *   IDLE → READING_HEAD → SERVING → IDLE | LENT | LINGERING → CLOSING
 */
#ifndef LB_FRONT_CLIENT_H
#define LB_FRONT_CLIENT_H

#include "lb/front/crowd_state.h"
#include "lb/front/peer.h"
#include "lb/http/parser.h"
#include "lb/net/listener.h"
#include "lb/net/stream.h"

enum client_state {
    CLIENT_IDLE,         /* between requests; deadline: idle */
    CLIENT_READING_HEAD, /* a part of a head is here; deadline: head */
    CLIENT_SERVING,      /* an exchange works for it, or its answer is not all written yet;
                          * deadline: body progress, either way */
    CLIENT_LENT,         /* its stream is in other hands, which have its deadlines too */
    CLIENT_LINGERING,    /* answered for the last time; reads what still comes, then closes */
    CLIENT_CLOSING,
};

struct client;

/* Read at a time: of heads, and while nothing that comes can be used. */
#define CLIENT_HEAD_READ_BYTES 8192u
#define CLIENT_IDLE_READ_BYTES 2048u

/* Calls up. `exchange` is client->exchange. None of them comes after client_finish or
 * client_abort until the next on_request. */
struct client_handler {
    /* A request; the handler sets client->exchange or finishes the client. `head` is borrowed. */
    void (*on_request)(struct client *client, const struct head *head);
    /* No request could be read; answer and finish the client, which will not persist. */
    void (*on_bad_request)(struct client *client, enum err err);
    void (*on_body)(void *exchange, struct view piece);
    /* After client_splice: body bytes came into the pipe. */
    void (*on_spliced)(void *exchange);
    void (*on_request_end)(void *exchange, struct view trailers); /* as relay_end takes them */
    /* The bytes at hand are used up: send what was collected. Also after a resume. */
    void (*on_flush)(void *exchange);
    void (*on_bad_body)(void *exchange, enum err err);
    void (*on_drained)(void *exchange);
    void (*on_ended)(
        void *exchange); /* its request is complete, and it has shut its sending side */
    /* A question: bytes that the exchange makes wait, in the kernel's pipes too. */
    size_t (*count_held)(const void *exchange);
    void (*on_gone)(void *exchange, enum err why); /* the client is closing */
};

struct client {
    struct stream stream;
    struct deadline deadline;
    struct list node; /* in crowd->idle_clients or ->busy_clients, by state */
    struct crowd *crowd;
    const struct client_handler *handler;
    void *exchange;        /* SERVING and LENT only, else NULL */
    struct parser *parser; /* while a request is being read */
    struct block *held;    /* bytes that were read and not used yet */
    struct view *pumped;   /* what is being used at this moment; NULL: nothing */
    size_t watched_bytes;  /* that waited to be written when the deadline was last looked at */
    enum client_state state;
    bool is_request_complete;
    bool is_body_wanted; /* the exchange takes body bytes now */
    bool has_eof;
    bool ends_by_reset; /* once all that was written has arrived */
    unsigned request_count;
    struct peer peer;
};

/* Takes the connection that waits at `listener`, and reads nothing of it yet. NULL: it was gone.
 * Thread: worker. */
struct client *client_open(struct crowd *crowd, struct listener *listener,
                           const struct client_handler *handler);

/* It is let in: its first request is read. */
static inline void client_start(struct client *client)
{
    stream_resume(&client->stream);
}

/* The client's IP address as text. Borrowed from the client. */
static inline struct view client_ip(const struct client *client)
{
    return view_of(client->peer.ip, client->peer.ip_len);
}

/* The connection may serve another request after this one. */
static inline bool client_may_persist(const struct client *client)
{
    unsigned max = client->crowd->options.max_request_count;
    return !client->crowd->is_leaving && (max == 0 || client->request_count < max);
}

/* True while not all of the request has been read. */
static inline bool client_has_body_left(const struct client *client)
{
    return !client->is_request_complete;
}

/* It has shut its sending side, or is gone, though its bytes before that may not be read yet. One
 * system call. */
static inline bool client_has_left(const struct client *client)
{
    return stream_has_peer_ended(&client->stream);
}

/* The exchange takes body bytes from now on: uses what is held, reads on, ends with on_flush. */
void client_take_body(struct client *client);

/* No more body bytes for now. */
void client_pause_body(struct client *client);

/* The rest of the request's body goes into a pipe, told by on_spliced, and client_skip must be told
 * how much of it has left the pipe. Gives: to be handed to splice_give, after client_unsplice.
 * NULL: it is not worth it, or cannot be done now. */
struct splice *client_splice(struct client *client);
static inline void client_unsplice(struct client *client)
{
    stream_unsplice(&client->stream);
}

/* So many bytes of the body were passed on; client_take_body or client_pause_body must follow. */
static inline void client_skip(struct client *client, size_t len)
{
    parser_skip(client->parser, len);
}

/* As client_write, of what is in the pipe: `*count` bytes. */
enum stream_written client_write_splice(struct client *client, struct splice *splice,
                                        size_t *count);

/* Writes a part of the response. After STREAM_BROKEN the caller should abort. */
enum stream_written client_write(struct client *client, const struct iovec *pieces, unsigned count);

/* The next client_write is the last, and client_finish without persisting follows at once. */
static inline void client_expect_end(struct client *client)
{
    stream_expect_end(&client->stream);
}

/* The client has been told something: what it is to send is waited for anew. */
void client_touch(struct client *client);

/* All of the request was read, and what follows it is none: its stream is to be handed over to
 * another owner, until client_finish, client_abort, client_abort_later or client_leave. Gives what
 * was read behind the request, to be handed to block_give; NULL: nothing. */
struct stream *client_lend(struct client *client, struct block **unread);

/* The response is complete; the exchange is over. Goes on to the next request if `persists` and
 * the request was read to its end, else says goodbye without losing what was written. */
void client_finish(struct client *client, bool persists);

/* Says the end with a FIN, and reads for a while what still comes: closing with unread bytes resets
 * the connection and may take the answer with it (RFC 9112 § 9.6). */
void client_linger(struct client *client);

/* The response cannot be completed: resets the connection once all that was written has arrived. */
static inline void client_abort_later(struct client *client)
{
    client->exchange = NULL;
    client->ends_by_reset = true;
    client_linger(client);
}

/* Resets it at once, and what was written may be lost. The exchange is over, either way. */
void client_abort(struct client *client);

/* Closes now; its exchange, if any, must know. Idempotent. */
void client_close(struct client *client);

/* Refuses what it asks, or is about to, and says goodbye. Not while it has an exchange. */
void client_refuse(struct client *client, enum err err);

/* Tells the exchange that its client is going, then goes. */
void client_leave(struct client *client, enum err why);

#endif
