/* After 101: bytes go both ways, untouched, until both sides have said their last (RFC 9110 § 7.8).
 * What of the request's body is still to come goes first, framed as it was. */
#ifndef LB_PROXY_TUNNEL_H
#define LB_PROXY_TUNNEL_H

#include "lb/proxy/exchange_state.h"

/* A 101 with this head is what the client asked for. */
bool tunnel_is_wanted(const struct exchange *exchange, const struct head *head);

/* The client has got the 101. */
void tunnel_start(struct exchange *exchange);

/* What the client had sent is on its way: bytes of the tunnel, or the last of the request's body.
 */
void tunnel_note_sent(struct exchange *exchange);

/* The backend, or the client, has shut its sending side. */
void tunnel_end_answer(struct exchange *exchange);
void tunnel_end_request(struct exchange *exchange);

/* Both have, and the backend has got all of it. */
bool tunnel_is_over(const struct exchange *exchange);

#endif
