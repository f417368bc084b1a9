/* How an exchange is over: what its client gets to see of it, and the record. Each of these frees
 * the exchange, and may let the client go on to its next request. */
#ifndef LB_PROXY_ENDING_H
#define LB_PROXY_ENDING_H

#include "lb/proxy/exchange_state.h"

/* The client has all of the answer. */
void ending_answered(struct exchange *exchange);

/* With an answer of lb's own, or where the backend's has begun by cutting that off visibly. */
void ending_fail(struct exchange *exchange, enum err err);

/* With these bytes, as lb itself knows the answer. */
void ending_answer(struct exchange *exchange, enum err end, struct view body);

/* The client has shut its sending side while nobody had its request: mostly it has left, and no
 * backend is to work for it. Who still listens learns how it stands. */
void ending_drop_waiting(struct exchange *exchange);

/* The client could not be written to. */
void ending_lose_client(struct exchange *exchange);

/* The front has told that its client is gone, and why. */
void ending_of_gone_client(struct exchange *exchange, enum err why);

#endif
