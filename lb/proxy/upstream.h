/* A connection to an endpoint: sends one request at a time, reads its response, and waits idle in
 * between. Knows nothing of clients.
 *
 *   CONNECTING → SENDING → AWAITING_HEAD → RECEIVING → IDLE → SENDING … → CLOSING
 */
#ifndef LB_PROXY_UPSTREAM_H
#define LB_PROXY_UPSTREAM_H

#include "lb/http/parser.h"
#include "lb/net/stream.h"
#include "lb/proxy/env.h"
#include "lb/proxy/pressure.h"

enum upstream_state {
    UPSTREAM_CONNECTING,    /* deadline: connect */
    UPSTREAM_SENDING,       /* the request is on its way; deadline: progress while bytes wait */
    UPSTREAM_AWAITING_HEAD, /* the request was sent; deadline: response head, with looks at the
                             * backend's side in between */
    UPSTREAM_TUNNEL,        /* after 101; deadline: progress while bytes wait */
    UPSTREAM_RECEIVING,     /* deadline: body progress, unless paused */
    UPSTREAM_IDLE,          /* deadline: upstream idle, or a little before the backend's own */
    UPSTREAM_CLOSING,
};

/* Calls up. None comes after upstream_close, on_failed or on_response_end. */
struct upstream_handler {
    void (*on_ready)(void *owner);
    /* The upstream is closing. ERR_REFUSED and ERR_CONNECT_TIMEOUT: nothing was sent. */
    void (*on_failed)(void *owner, enum err err);
    /* A head; with a status below 200 another one follows. Borrowed. */
    void (*on_response)(void *owner, const struct head *head);
    void (*on_body)(void *owner, struct view piece);
    /* After upstream_splice: body bytes came into the pipe. */
    void (*on_spliced)(void *owner);
    /* The bytes at hand are used up: send what was collected. */
    void (*on_flush)(void *owner);
    /* The response is complete, with these trailer lines; put the upstream to the cache or close
     * it. Of a tunnel: the backend has shut its sending side; close it some time. */
    void (*on_response_end)(void *owner, struct view trailers);
    void (*on_drained)(void *owner);
    /* A question: can the request be sent again, so that a paused backend need not be waited for?
     */
    bool (*may_be_replayed)(void *owner);
};

struct upstream {
    struct stream stream;
    struct deadline deadline;
    struct list node; /* for the list that its owner keeps it in */
    struct env *env;
    struct endpoint *endpoint; /* one reference */
    const struct upstream_handler *handler;
    void *owner;
    struct parser *parser; /* while a response, or a tunnel, is being read */
    size_t watched_bytes;
    size_t sent_bytes;         /* of this request, handed over */
    uint64_t idle_turn;        /* of the loop, in which it became idle */
    uint64_t unasked_turn;     /* what is read in it came before the request; 0: nothing can have */
    uint64_t waits_since_ms;   /* idle, by the loop's clock */
    unsigned response_left_ms; /* of the response's deadline, when a look was armed */
    enum upstream_state state;
    bool is_reused;            /* it has served a request before */
    bool is_persistent;        /* the last response left it usable */
    bool is_request_sent;      /* all of it was handed over */
    bool answers_head_request; /* the response will have no body */
    bool has_response_begun;
    /* The backend had ended the connection before it got any of the request. */
    bool is_unaccepted;
    bool is_tunnel;           /* it is one, or was when it ended */
    struct pressure pressure; /* on the response */
};

/* Starts to connect; on_ready or on_failed follows, never before return. Takes a reference to the
 * endpoint by itself. NULL: it failed at once, `*status` is a negative libuv error. Thread: worker.
 */
struct upstream *upstream_open(struct env *env, struct endpoint *endpoint,
                               const struct upstream_handler *handler, void *owner, int *status);

/* Announces a request: the response to it is read from now on. */
void upstream_begin(struct upstream *upstream, bool is_head_request);

/* Writes a part of the request. STREAM_BROKEN: nothing was taken; on_failed follows, or a response
 * that the backend had sent before. */
enum stream_written upstream_write(struct upstream *upstream, const struct iovec *pieces,
                                   unsigned count);

/* All of the request was handed over: the response's deadline begins. */
void upstream_end_request(struct upstream *upstream);

/* The response was 101: from now on all bytes are body, up to the backend's EOF. */
void upstream_become_tunnel(struct upstream *upstream);

/* Sends FIN after what waits. */
void upstream_shut_write(struct upstream *upstream);

/* Bytes that the backend has not taken yet. */
size_t upstream_waiting_bytes(const struct upstream *upstream);

/* The rest of the response's body goes into a pipe, told by on_spliced, and upstream_skip must be
 * told how much of it has left the pipe. Gives: to be handed to splice_give. NULL: it is not worth
 * it, or cannot be done. */
struct splice *upstream_splice(struct upstream *upstream);

/* So many bytes of the response were passed on; may end in on_response_end. */
void upstream_skip(struct upstream *upstream, size_t len);

/* As upstream_write, of what is in the pipe: `*count` bytes. */
enum stream_written upstream_write_splice(struct upstream *upstream, struct splice *splice,
                                          size_t *count);

/* Pressure from the client. Idempotent. */
void upstream_pause(struct upstream *upstream);
void upstream_resume(struct upstream *upstream);

/* How long it has been idle. */
unsigned upstream_idle_ms(const struct upstream *upstream);

/* Whether the idle connection still stands and holds no byte that nobody asked for. No system call
 * where the loop has just looked and had nothing to tell; what it may tell later in the same turn
 * is then no answer to a request that begins now. One call where it has not looked since the last
 * response, or so long ago that an end may wait in the kernel. */
bool upstream_is_clean(struct upstream *upstream);

/* After on_response_end: the connection can serve another request. One system call where the last
 * read may have left something. */
bool upstream_is_reusable(struct upstream *upstream);

/* The upstream waits for its next request. on_failed tells the new owner when the backend
 * (ERR_UPSTREAM_RESET) or the idle deadline (ERR_UPSTREAM_TIMEOUT) ends it. */
void upstream_idle(struct upstream *upstream, const struct upstream_handler *handler, void *owner);

/* An idle upstream gets its next owner: upstream_begin may follow. */
void upstream_wake(struct upstream *upstream, const struct upstream_handler *handler, void *owner);

/* Closes without a call up. Idempotent. */
void upstream_close(struct upstream *upstream);

#endif
