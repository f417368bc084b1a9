/* 101, the answer that ends HTTP on both connections: whether it is one, and the tunnel after it. */
#ifndef LB_PROXY_SWITCHING_H
#define LB_PROXY_SWITCHING_H

#include "lb/proxy/exchange_state.h"

/* The backend says 101: it goes to the client that asked for it, and else is a bad answer. The
 * tunnel starts if all of the request is sent. May end the exchange. */
void switching_answer(struct exchange *exchange, const struct head *head);

/* As back.h's on_raw and on_raw_end: before the tunnel the client gets what the backend says behind
 * its 101 the same way, and its end. May end the exchange. */
void switching_relay(void *owner, struct view bytes);
void switching_relay_end(void *owner);

/* Both have said all that was HTTP: the client its request, and the backend its 101. Joins them;
 * may end the exchange. */
void switching_start(struct exchange *exchange);

#endif
