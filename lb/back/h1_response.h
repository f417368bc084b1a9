/* The response of a backend that speaks HTTP/1: reads it, tells the exchange, and is what of back.h
 * pauses and pipes it. */
#ifndef LB_BACK_H1_RESPONSE_H
#define LB_BACK_H1_RESPONSE_H

#include "lb/back/h1_upstream_state.h"

/* Uses up `data`. Ends early when the owner closed the upstream or the response is complete. */
void h1_response_take(struct h1_upstream *upstream, struct view data);

/* The stream ended, or failed where `is_reset`. */
void h1_response_end(struct h1_upstream *upstream, bool is_reset);

/* Bytes came that nobody had asked for. */
void h1_response_note_unasked(struct h1_upstream *upstream, struct view bytes);

#endif
