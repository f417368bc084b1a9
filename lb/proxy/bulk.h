/* Large bodies of known length: what of one is still to come goes through a pipe, inside the
 * kernel. A part of exchange.c; both directions. Everybody else sees the same as of a copied body:
 * counts, pauses, deadlines and the end. */
#ifndef LB_PROXY_BULK_H
#define LB_PROXY_BULK_H

#include "lb/proxy/exchange.h"

/* What is at hand was sent: the rest goes through a pipe if it is worth it. A request's does not
 * before it is too much to be sent again. */
void bulk_begin_request(struct exchange *exchange);
void bulk_begin_response(struct exchange *exchange);

/* Something is in that pipe. */
bool bulk_has_request(const struct exchange *exchange);
bool bulk_has_response(const struct exchange *exchange);

/* Moves it on, and lets the source go on or pauses it. A broken backend is told by its read side.
 */
void bulk_send(struct exchange *exchange);

/* The same for the response. Gives false where the client is gone; otherwise the response may be
 * over by it, and with it the exchange. */
bool bulk_answer(struct exchange *exchange);

/* Gives the pipes back; the client's bytes are read as usual again. */
void bulk_end(struct exchange *exchange);

#endif
