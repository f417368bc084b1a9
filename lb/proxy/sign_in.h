/* A route that asks for a name and a password: who it is, and who is refused. A password that this
 * worker has not met yet is tried on another thread; meanwhile the exchange waits, and then asks
 * anew where it is to go. Who tries many at a time waits behind himself alone (errand_turn.h); by his
 * address, client_address.h. Thread: worker. */
#ifndef LB_PROXY_SIGN_IN_H
#define LB_PROXY_SIGN_IN_H

#include "lb/proxy/exchange_state.h"

/* Longer than that nobody waits for the threads that try passwords. */
#define SIGN_IN_MS 10000u

/* Whether the request may pass. Fails: ERR_AUTH, with what is told; ERR_AUTH_UNKNOWN, ERR_AUTH_BUSY.
 * Where exchange->sign_in is set then, it is not known yet: sign_in_wait is to follow, or
 * sign_in_end. */
enum err sign_in_check(struct exchange *exchange, const struct treatment_auth *auth);

/* `on_over` follows: ERR_OK, and the next sign_in_check knows; or how lb answers. */
void sign_in_wait(struct exchange *exchange,
                  void (*on_over)(struct exchange *exchange, enum err err));

/* The exchange does not wait any more. */
void sign_in_end(struct exchange *exchange);

/* What the backend does not see, and what it is told. */
void sign_in_edit_request(struct exchange *exchange, const struct treatment_auth *auth);

#endif
