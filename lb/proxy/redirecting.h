/* Sends a request elsewhere, as its route says. */
#ifndef LB_PROXY_REDIRECTING_H
#define LB_PROXY_REDIRECTING_H

#include "lb/proxy/exchange_state.h"

/* The redirect that the client gets, and its Location is told; ERR_OK: none, the request goes on; or
 * why it cannot be said where to. */
enum err redirecting_find(struct exchange *exchange, const struct treatment_redirect *redirect);

/* The same: to https, whatever the client came by, as the rule says. Never for what who certifies a host
 * looks for. */
enum err redirecting_to_https(struct exchange *exchange, const struct https_rule *rule);

#endif
