/* The datagram that is kept while a flow's endpoint has not answered yet, and whom it was sent to already. Thread:
 * worker. */
#ifndef LB_PROXY_FLOW_QUERY_H
#define LB_PROXY_FLOW_QUERY_H

#include "lb/proxy/flow_state.h"

/* Longer ones are not kept: who asks asks in one packet. */
#define FLOW_QUERY_BYTES_MAX 1500u

/* Who has sent so many without an answer, of an endpoint that did not refuse them, waits for none. */
#define FLOW_QUERY_SENT_MAX 4u

/* It was sent to the flow's endpoint, which has not answered: kept in place of the one before. */
void flow_query_keep(struct flow *flow, const struct datagram *item);

/* An answer has come, or none is to come any more. */
void flow_query_drop(struct flow *flow);

#endif
