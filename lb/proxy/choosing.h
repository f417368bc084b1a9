/* Which endpoint of a service that takes no turns gets a request: what the request says is looked up in
 * its head. Services that do take turns pay nothing for it. Thread: worker. */
#ifndef LB_PROXY_CHOOSING_H
#define LB_PROXY_CHOOSING_H

#include "lb/proxy/exchange_state.h"

/* For struct attempt: the endpoint of its cookie, else of its service's algorithm. */
struct endpoint *choosing_pick(void *exchange);

#endif
