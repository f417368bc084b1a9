/* The request on its way to the backend. */
#ifndef LB_PROXY_SENDING_H
#define LB_PROXY_SENDING_H

#include "lb/proxy/exchange_state.h"

/* A connection is there: the request goes out with all of its body that is at hand. */
void sending_start(struct exchange *exchange);

/* A piece of body is collected; borrowed until the next sending_flush. */
void sending_body(struct exchange *exchange, struct view piece);

/* Sends what was collected. A broken connection is told by its read side, as on_failed. */
void sending_flush(struct exchange *exchange);

#endif
