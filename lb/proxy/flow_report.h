/* What is told of a flow that has ended. Thread: worker. */
#ifndef LB_PROXY_FLOW_REPORT_H
#define LB_PROXY_FLOW_REPORT_H

#include "lb/proxy/flow_state.h"

/* Counts it, and gives its record to whoever reads records. Before it has given its endpoint up. */
void flow_report_tell(struct flow *flow, enum err end);

#endif
