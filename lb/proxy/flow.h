/* What one client exchanges with one endpoint by UDP, and the listeners whose datagrams these are. Thread:
 * worker. */
#ifndef LB_PROXY_FLOW_H
#define LB_PROXY_FLOW_H

#include "lb/proxy/env.h"

struct flow_gate;

/* As proxy_open_udp. */
struct flow_gate *flow_gate_open(struct env *env, int fd, const struct address *at, int *status);

/* As proxy_close_udp. NULL is allowed. */
void flow_gate_close(struct flow_gate *gate);

#endif
