/* The requests of a client that speaks HTTP/1, one at a time: reads them, tells the exchange, and
 * is what of front.h takes. Bytes that cannot be used yet (a pipelined request, a body that nobody
 * takes) are held and reading pauses. */
#ifndef LB_FRONT_H1_REQUEST_H
#define LB_FRONT_H1_REQUEST_H

#include "lb/front/h1_client_state.h"

/* Uses `input` as far as it can be used now and holds the rest. What was collected from it is
 * flushed before the bytes go. Not from within itself. */
void h1_request_pump(struct h1_client *client, struct view input);

/* The same of what is held, if anything is. */
void h1_request_pump_held(struct h1_client *client);

#endif
