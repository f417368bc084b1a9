/* Which endpoint a flow goes to: by the snapshot in use, and away from one that is gone, or that refuses. For the other
 * files of flow. Thread: worker. */
#ifndef LB_PROXY_FLOW_AIM_H
#define LB_PROXY_FLOW_AIM_H

#include "lb/proxy/flow_state.h"

/* Where a gate leads to by the snapshot in use. NULL: nowhere. */
const struct routes_target *flow_aim_target(struct flow_gate *gate);

/* It stays with its endpoint while that is ready, drains, or is about to come back, and moves before the next
 * datagram when it is paused, ails, is ejected or gone, and another one can be had; that it has none then is not an error here. */
void flow_aim_follow(struct flow *flow);

/* Whether there is anything to do for it; mostly there is nothing. */
static inline bool flow_aim_is_due(const struct flow *flow, const struct env *env)
{
    return !flow->endpoint || flow->version != env->pool->version ||
           !endpoint_is_usable(flow->endpoint);
}

/* It has no endpoint, and its gate leads to another service by now: a new flow is due. */
bool flow_aim_is_astray(const struct flow *flow);

/* ICMP says that nobody is there: a failure of the endpoint. Goes to another one, if there is one. */
void flow_aim_refused(struct flow *flow);

/* Gives its endpoint up, and the socket. It remembers which one that was. */
void flow_aim_end(struct flow *flow);

/* Not any more. */
void flow_aim_forget(struct flow *flow);

#endif
