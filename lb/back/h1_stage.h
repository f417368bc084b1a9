/* How far a connection is that speaks HTTP/1, and how it ends. */
#ifndef LB_BACK_H1_STAGE_H
#define LB_BACK_H1_STAGE_H

#include "lb/back/patience.h"

/* The one place where the state changes, and with it what it waits for. */
static inline void h1_stage_enter(struct h1_upstream *upstream, enum h1_upstream_state state)
{
    if (state == H1_UPSTREAM_CLOSING) /* a stream that was handed over comes back */
        stream_hand_over(&upstream->stream, &h1_upstream_stream_handler, upstream);
    upstream->state = state;
    patience_begin(upstream, state);
}

/* Closes without a call up. Idempotent. */
void h1_stage_close(struct h1_upstream *upstream);

/* Closes, and tells why. */
void h1_stage_fail(struct h1_upstream *upstream, enum err err);

#endif
