/* The answer on its way to the client. Where a function gives false the client could not be written
 * to: the exchange is to be finished. */
#ifndef LB_PROXY_ANSWERING_H
#define LB_PROXY_ANSWERING_H

#include "lb/proxy/exchange_state.h"

/* The final head has come: collected, with how its body is to reach the client. */
void answering_begin(struct exchange *exchange, const struct head *head);

/* A head with a status below 200 goes out at once, unless the client would not know what it is. */
bool answering_interim(struct exchange *exchange, const struct head *head);

/* The same for 101, which is the last that is said in HTTP. */
bool answering_switch(struct exchange *exchange, const struct head *head);

/* A piece of body is collected; borrowed until the next answering_flush. */
bool answering_body(struct exchange *exchange, struct view piece);

/* Sends what was collected. */
bool answering_flush(struct exchange *exchange);

/* Drops what was collected of an answer that broke off; one that the client got nothing of yet is
 * as if it had not come. */
void answering_forget(struct exchange *exchange);

#endif
