/* Whether a request may come as it does, by http or by https, and with which certificates: what its route, or else the
 * operator, says (lb/contract/https_rule.h). Asked of requests by https, and of all where lb listens for TLS. Thread: worker. */
#ifndef LB_PROXY_SECURING_H
#define LB_PROXY_SECURING_H

#include "lb/proxy/exchange_state.h"

/* Before all else that a route does; the treatment is NULL where there is no route, or it says nothing. Fails: how lb
 * answers; telling.h has what belongs to that answer. */
enum err securing_admit(struct exchange *exchange, const struct treatment *treatment);

/* The final answer's head, which was just collected, gets lb's Strict-Transport-Security (RFC 6797), where there is one, in place
 * of the backend's. */
void securing_edit_answer(const struct exchange *exchange);

/* An answer of lb's own gets it. */
void securing_tell(struct exchange *exchange, enum err err);

#endif
