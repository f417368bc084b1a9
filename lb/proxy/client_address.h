/* Who asks, as rules by address see it: the peer, or where that is a trusted proxy the address that it
 * and the trusted ones before it name: the rightmost of X-Forwarded-For that is not one of theirs. What
 * a stranger claims does not count. Thread: worker. */
#ifndef LB_PROXY_CLIENT_ADDRESS_H
#define LB_PROXY_CLIENT_ADDRESS_H

#include "lb/proxy/exchange_state.h"

/* `*out` has the port 0 unless it is the peer. Where the one that is named is no address ("unknown"),
 * it is the trusted one that says so. */
void client_address_find(const struct exchange *exchange, struct address *out);

#endif
