/* The order of rules of listeners, and what people are told of one. Pure. */
#ifndef DISCOVERY_LISTENER_ORDER_H
#define DISCOVERY_LISTENER_ORDER_H

#include "lb/base/text.h"
#include "lb/contract/listener_rule.h"

/* By kind, port or name of the listener, name of the server and ALPN. 0: both are for the same
 * connections. */
int listener_order_compare(const struct listener_rule *a, const struct listener_rule *b);

/* The same, as qsort has it, and of those that are alike the older one first; then by container, service
 * and label. */
int listener_order_compare_all(const void *a, const void *b);

/* "tcp 5432", "tcp 443 for a.test, h2", "udp dns". */
void listener_order_append_name(const struct listener_rule *rule, struct text *out);

#endif
