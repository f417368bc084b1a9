/* One request and its answer: where the events of the client and those of the upstream meet.
 *
 *   CONNECTING → RELAYING → over; a failure before the response's first byte may lead back to
 *   CONNECTING, with another endpoint, and where there is none, to HELD until one comes.
 */
#ifndef LB_PROXY_EXCHANGE_H
#define LB_PROXY_EXCHANGE_H

#include "lb/front/front.h"

/* What fronts call. */
extern const struct front_handler exchange_front_handler;

#endif
