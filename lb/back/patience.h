/* How long an upstream waits for what: its deadline by its state, and the verdict when it is over.
 * A time of 0 has no end. Thread: worker. */
#ifndef LB_BACK_PATIENCE_H
#define LB_BACK_PATIENCE_H

#include "lb/back/h1_upstream_state.h"

/* It has begun to connect; the request was sent; it has become idle. */
void patience_connect(struct h1_upstream *upstream);
void patience_answer(struct h1_upstream *upstream);
void patience_idle(struct h1_upstream *upstream);

/* It has entered that state. */
static inline void patience_begin(struct h1_upstream *upstream, enum h1_upstream_state state)
{
    switch (state) {
    case H1_UPSTREAM_CONNECTING:
        patience_connect(upstream);
        break;
    case H1_UPSTREAM_AWAITING_HEAD:
        patience_answer(upstream);
        break;
    case H1_UPSTREAM_IDLE:
        patience_idle(upstream);
        break;
    case H1_UPSTREAM_SENDING: /* patience_send arms it: what is over is that of the state before */
    case H1_UPSTREAM_RECEIVING: /* patience_body arms it, where not all of the body is here */
    case H1_UPSTREAM_SWITCHED:
        break;
    case H1_UPSTREAM_LENT:
    case H1_UPSTREAM_CLOSING:
        deadline_disarm(&upstream->deadline);
        break;
    }
}

/* Bytes have begun to wait for the backend to take them. */
void patience_send(struct h1_upstream *upstream);

/* Whether an answer with this head is a stream: of events or messages, or without a length. Pure.
 */
bool patience_is_for_stream(const struct head *head);

/* More of the answer's body is to come. */
void patience_body(struct h1_upstream *upstream);

/* The time is over. Gives why the upstream is to be given up; ERR_OK: it waits on. */
enum err patience_judge(struct h1_upstream *upstream);

#endif
