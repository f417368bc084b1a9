/* What one client address and port exchanges with one endpoint by UDP: from the client's first datagram until both
 * have been silent for udp_idle_timeout_ms, or it gives way to others, or its listener closes.
 *
 * Nothing is amplified: lb never says anything of its own; to a client goes only what the one endpoint of its
 * flow sent to the flow's own port, as many datagrams as that sent, and nothing once the flow is over. An
 * endpoint that goes on without the client is heard for FLOW_UNASKED_FACTOR idle times and no longer, as the
 * address may be somebody's who never asked.
 *
 * Nothing is queued, but for the client's latest datagram while its endpoint has not answered yet: if ICMP says
 * that nobody is at that port, another endpoint gets it. What an endpoint that has answered lost so is lost. Thread: worker. */
#ifndef LB_PROXY_FLOW_H
#define LB_PROXY_FLOW_H

#include "lb/proxy/flow_table.h"

#define FLOW_UNASKED_FACTOR 10u

/* How long a flow whose listener has closed waits for the answer that is due. */
#define FLOW_LAST_ANSWER_MS 1000u

/* The flow of a datagram that came to an open gate; a new one where there is none. NULL: nothing leads
 * anywhere from there, or nobody could be answered, and the datagram is counted as lost. Others may end, to make room. */
struct flow *flow_of(struct flow_gate *gate, const struct datagram *item);

/* Passes on datagrams of its client, `count` of the table's tray from `first` on. */
void flow_carry(struct flow *flow, unsigned first, unsigned count);

/* Its listener has closed: it ends, at once or with the answer that is due. */
void flow_leave(struct flow *flow);

/* Ends it and closes its socket; one record tells of it. The last one of a gate that is closing closes that. */
void flow_end(struct flow *flow, enum err end);

/* For the watch of the table: there is something to be read; and, the answers of all that were told go out. */
void flow_on_ready(void *table, void *flow);
void flow_on_told(void *table);

/* Its socket. */
int flow_fd_of(const void *flow);

#endif
