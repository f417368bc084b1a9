/* A connection to a backend, as an exchange knows it: what it is told, and what it tells, in
 * messages. Versions of HTTP, framing and whether the connection can be used again are not the
 * exchange's words; h1_sending.c, h1_response.c, h1_switched.c and h1_upstream.c speak HTTP/1
 * behind it. Thread: worker. */
#ifndef LB_BACK_BACK_H
#define LB_BACK_BACK_H

#include "lb/back/fleet_state.h"
#include "lb/back/pressure.h"
#include "lb/back/replay.h"
#include "lb/http/forward.h"
#include "lb/net/stream.h"

/* Calls up. None comes after back_close, on_failed or on_response_end. */
struct back_handler {
    void (*on_ready)(void *owner);
    /* Connecting takes long, told again and again; it goes on. Only while it connects. */
    void (*on_slow)(void *owner);
    /* The upstream is closing. ERR_REFUSED, ERR_CONNECT_TIMEOUT and ERR_UPSTREAM_TLS: nothing was
     * sent. */
    void (*on_failed)(void *owner, enum err err);
    /* A head; with a status below 200 another one follows. Borrowed. */
    void (*on_response)(void *owner, const struct head *head);
    /* 101: what follows is in the protocol of its Upgrade. Borrowed. Close it, or see back_lend. */
    void (*on_switched)(void *owner, const struct head *head);
    /* After it, until back_lend: bytes of that protocol, and that no more of them come, which may be
     * told again. It goes on to take the request. */
    void (*on_raw)(void *owner, struct view bytes);
    void (*on_raw_end)(void *owner);
    void (*on_body)(void *owner, struct view piece);
    /* After back_splice: body bytes came into the pipe. */
    void (*on_spliced)(void *owner);
    /* The bytes at hand are used up: send what was collected. */
    void (*on_flush)(void *owner);
    /* The response is complete, with these trailer lines; put the upstream to the cache or close
     * it. */
    void (*on_response_end)(void *owner, struct view trailers);
    void (*on_drained)(void *owner);
    /* A question: can the request be sent again, so that a paused backend need not be waited for?
     */
    bool (*may_be_replayed)(void *owner);
    /* The same, and there is another endpoint that it can go to. */
    bool (*may_go_elsewhere)(void *owner);
};

struct back {
    struct fleet *fleet;
    struct endpoint *endpoint;     /* one reference */
    struct service_local *service; /* for which it was opened; in use */
    const struct back_handler *handler;
    void *owner;
    /* For this request alone, by enum wait; WAITS_UNGIVEN: as the endpoint and the service say, and so
     * all of them where it is NULL. Borrowed until the request is over. */
    const unsigned *wait_ms;
    bool is_request_sent; /* all of it was handed over */
    /* The backend had ended the connection before it got any of the request. */
    bool is_unaccepted;
    bool is_host_lost;        /* the endpoint's host acknowledges nothing: it failed for that */
    struct pressure pressure; /* on the response */
};

/* ---- the request ----------------------------------------------------------------------------- */

/* A request on its way, kept to its end so that it can be sent again. */
struct back_request {
    struct block *head; /* as it is sent */
    struct replay kept; /* of its body, as it was sent */
    bool is_to_head;    /* the answer will have no body */
    bool is_chunked;
    bool wants_upgrade; /* then Connection says that */
    bool is_head_sent;  /* in this try */
    bool was_sent;      /* in this try bytes of it may have reached the backend */
};

/* The request is forwarded as `options` say; `forwarded` gets views into the head. */
void back_request_init(struct back_request *request, struct fleet *fleet, const struct head *head,
                       const struct forward_request *options, struct forwarded *forwarded);

/* Another try: nothing of it was sent. */
static inline void back_request_begin(struct back_request *request)
{
    request->is_head_sent = false;
    request->was_sent = false;
}

/* Drops what was collected, and gives the memory back. */
void back_request_fini(struct back_request *request, struct fleet *fleet);

/* Announces it: the response to it is read from now on. What was kept of it is sent, if anything
 * was. As the others that send: STREAM_BROKEN: on_failed follows, or a response that the backend
 * had sent before; STREAM_FULL: on_drained comes. */
enum stream_written back_send_begin(struct back *back, struct back_request *request);

/* A piece of body is collected; borrowed until the next back_flush. */
enum stream_written back_send_body(struct back *back, struct back_request *request,
                                   struct view piece);

/* So is the end. It may be read before there is a connection. */
void back_send_end(struct fleet *fleet, struct back_request *request, struct view trailers);

/* Sends what was collected, the head before all. */
enum stream_written back_flush(struct back *back, struct back_request *request);

/* Whether the kernel can move bytes to it. */
bool back_takes_splice(const struct back *back);

/* Sends what is in the pipe: `*count` bytes of body. */
enum stream_written back_send_splice(struct back *back, struct splice *splice, size_t *count);

/* All of the request was handed over: the response's deadline begins. */
void back_end_request(struct back *back);

/* ---- the response ---------------------------------------------------------------------------- */

/* The rest of its body goes into a pipe, told by on_spliced, and back_skip must be told how much of
 * it has left the pipe. Gives: to be handed to splice_give. NULL: it is not worth it, or cannot be
 * done. */
struct splice *back_splice(struct back *back);

/* So many bytes of it were passed on; may end in on_response_end. */
void back_skip(struct back *back, size_t len);

/* Pressure from the client. Idempotent. */
void back_pause(struct back *back);
void back_resume(struct back *back);

/* Bytes that wait because of it: not taken by the backend, or of a head that is not complete. */
size_t back_held_bytes(const struct back *back);

/* After on_switched, or after on_ready where nothing was sent: its stream is to be handed over to another
 * owner, until back_close. Inside of on_switched what was read behind the 101 is told to that owner
 * afterwards. An end that was told is told to it again. */
struct stream *back_lend(struct back *back);

/* Closes without a call up. Idempotent. */
void back_close(struct back *back);

/* The same with a reset: the backend cannot take what it got for complete. */
void back_abort(struct back *back);

#endif
