/* One who asks, as an exchange knows it: what it says to an exchange, and what an exchange says to
 * it, in messages. Versions of HTTP, framing and whether a connection persists are not its words;
 * h1_request.c, h1_answer.c and h1_client.c speak HTTP/1 behind it. Thread: worker. */
#ifndef LB_FRONT_FRONT_H
#define LB_FRONT_FRONT_H

#include "lb/front/crowd_state.h"
#include "lb/front/peer.h"
#include "lb/http/answer.h"
#include "lb/http/head_edit.h"
#include "lb/net/stream.h"

struct front;
struct tls_session;

/* Calls up. `exchange` is front->exchange. None of them comes after front_finish, front_break_off
 * or front_abort until the next on_request. */
struct front_handler {
    /* A request; the handler sets front->exchange or finishes the front. `head` is borrowed. */
    void (*on_request)(struct front *front, const struct head *head);
    /* No request could be read; answer and finish, which closes it. */
    void (*on_bad_request)(struct front *front, enum err err);
    void (*on_body)(void *exchange, struct view piece);
    /* After front_splice: body bytes came into the pipe. */
    void (*on_spliced)(void *exchange);
    void (*on_request_end)(void *exchange, struct view trailers); /* as relay_end takes them */
    /* The bytes at hand are used up: send what was collected. Also after a resume. */
    void (*on_flush)(void *exchange);
    void (*on_bad_body)(void *exchange, enum err err);
    void (*on_drained)(void *exchange);
    /* Its request is complete, and it has shut its sending side. */
    void (*on_ended)(void *exchange);
    /* A question: bytes that the exchange makes wait, in the kernel's pipes too. */
    size_t (*count_held)(const void *exchange);
    void (*on_gone)(void *exchange, enum err why); /* the front is closing */
};

struct front {
    struct crowd *crowd;
    const struct front_handler *handler;
    void *exchange;          /* while there is one, else NULL */
    struct tls_session *tls; /* of its connection, once hands were shaken; NULL: it is plain */
    struct peer peer;
    bool is_request_complete; /* all of it has been read */
};

/* ---- the request ---------------------------------------------------------------------------- */

/* It has shut its sending side, or is gone, though its bytes before that may not be read yet. One
 * system call. */
bool front_has_left(struct front *front);

/* Takes body bytes from now on: uses what is held, reads on, ends with on_flush. */
void front_take_body(struct front *front);

/* No more body bytes for now. */
void front_pause_body(struct front *front);

/* The rest of the request's body goes into a pipe, told by on_spliced, and front_skip must be told
 * how much of it has left the pipe. Gives: to be handed to splice_give, after front_unsplice. NULL:
 * it is not worth it, or cannot be done now. */
struct splice *front_splice(struct front *front);
void front_unsplice(struct front *front);

/* So many bytes of the body were passed on; front_take_body or front_pause_body must follow. */
void front_skip(struct front *front, size_t len);

/* ---- the answer ------------------------------------------------------------------------------
 * After STREAM_BROKEN the caller should abort; after STREAM_FULL on_drained comes. */

/* A head with a status below 200 goes out at once, unless the client would not know what it is. */
enum stream_written front_send_interim(struct front *front, const struct head *head);

/* The same for 101, which is the last that is said in HTTP, with these field lines too. */
enum stream_written front_send_switch(struct front *front, const struct head *head,
                                      struct view lines);

/* After it: the backend has said its last, and the client is told so. Its request goes on. Idempotent.
 */
void front_shut(struct front *front);

/* The final head is collected, with how its body is to reach the client. */
void front_send_head(struct front *front, const struct head *head);

/* Edits the head that was collected. Copies the lines. */
void front_edit_head(struct front *front, const struct head_edit *edit);

/* A piece of body is collected; borrowed until the next front_flush. */
enum stream_written front_send_body(struct front *front, struct view piece);

/* So is the end, and front_flush and front_finish follow at once. */
void front_send_end(struct front *front, struct view trailers);

/* Sends what was collected. */
enum stream_written front_flush(struct front *front);

/* Whether the kernel can move bytes to it. */
bool front_takes_splice(const struct front *front);

/* Sends what is in the pipe: `*count` bytes of body. */
enum stream_written front_send_splice(struct front *front, struct splice *splice, size_t *count);

/* Drops what was collected. */
void front_forget(struct front *front);

/* Sends a whole answer of lb's own; date and `closes` are filled in. */
enum stream_written front_send_answer(struct front *front, struct answer_error *answer);

/* ---- the end ----------------------------------------------------------------------------------
 * The exchange is over; what follows may come inside the call. */

/* The answer is complete: goes on to the next request, or says goodbye without losing what was
 * written. */
void front_finish(struct front *front);

/* The answer has begun and cannot be completed: ends so that it is not taken for the whole, when
 * all that was written has arrived. */
void front_break_off(struct front *front);

/* Resets it at once, and what was written may be lost. */
void front_abort(struct front *front);

/* The client is to go, and its exchange is told so. */
void front_leave(struct front *front, enum err why);

/* After a switch, when all of the request was read: the stream is to be handed over to another
 * owner, until one of the calls above. Gives what was read behind the request, to be handed to
 * block_give; NULL: nothing. */
struct stream *front_lend(struct front *front, struct block **unread);

#endif
