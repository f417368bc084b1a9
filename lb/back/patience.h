/* How long an upstream waits for what: its deadline by its state, and the verdict when it is over.
 * A time of 0 has no end. Thread: worker. */
#ifndef LB_BACK_PATIENCE_H
#define LB_BACK_PATIENCE_H

#include "lb/back/upstream_state.h"

/* It has begun to connect; the request was sent; it has become idle. */
void patience_connect(struct upstream *upstream);
void patience_answer(struct upstream *upstream);
void patience_idle(struct upstream *upstream);

/* It has entered that state. */
static inline void patience_begin(struct upstream *upstream, enum upstream_state state)
{
    switch (state) {
    case UPSTREAM_CONNECTING:
        patience_connect(upstream);
        break;
    case UPSTREAM_AWAITING_HEAD:
        patience_answer(upstream);
        break;
    case UPSTREAM_IDLE:
        patience_idle(upstream);
        break;
    case UPSTREAM_SENDING:   /* patience_send arms it: what is over is that of the state before */
    case UPSTREAM_RECEIVING: /* patience_body arms it, where not all of the body is here */
    case UPSTREAM_SWITCHED:
        break;
    case UPSTREAM_LENT:
    case UPSTREAM_CLOSING:
        deadline_disarm(&upstream->deadline);
        break;
    }
}

/* Bytes have begun to wait for the backend to take them. */
void patience_send(struct upstream *upstream);

/* Whether an answer with this head is a stream: of events or messages, or without a length. Pure.
 */
bool patience_is_for_stream(const struct head *head);

/* More of the answer's body is to come. */
void patience_body(struct upstream *upstream);

/* The time is over. Gives why the upstream is to be given up; ERR_OK: it waits on. */
enum err patience_judge(struct upstream *upstream);

#endif
