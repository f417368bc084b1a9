/* The UDP listeners of a worker: what comes to them is handed to flows. Thread: worker. */
#ifndef LB_PROXY_FLOW_GATE_H
#define LB_PROXY_FLOW_GATE_H

#include "lb/proxy/env.h"

struct flow_gate;

/* As proxy_open_udp. */
struct flow_gate *flow_gate_open(struct env *env, int fd, const struct address *at, int *status);

/* As proxy_close_udp: what has come is passed on, and nothing is read any more; who waits for an answer has FLOW_LAST_ANSWER_MS for it,
 * all other flows end at once, and with the last one the gate. NULL is allowed. */
void flow_gate_close(struct flow_gate *gate);

/* As proxy_yield_udp. */
void flow_gate_yield(struct flow_gate *gate);

/* As proxy_tell_udp. */
void flow_gate_tell(struct flow_gate *gate, void (*on_gone)(void *owner), void *owner);

/* All gates and flows of the worker end at once, whoever opened them. */
void flow_gate_close_all(struct env *env);

/* Whether there is any flow. */
bool flow_gate_is_busy(const struct env *env);

#endif
