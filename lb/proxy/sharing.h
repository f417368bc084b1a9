/* Which of several services a request goes to, where its route has shares: exactly as often as their
 * weights say, counted over all workers; who has a session with one of them (lb/proxy/stickiness) goes there,
 * also where it gets no others. It stays there, unless all of the service's servers fail it. */
#ifndef LB_PROXY_SHARING_H
#define LB_PROXY_SHARING_H

#include "lb/proxy/exchange_state.h"

/* For a rule with shares. Fails: ERR_NO_ENDPOINT, where nobody has a weight, or its session. */
enum err sharing_choose(struct exchange *exchange, const struct routes *routes, uint32_t rule,
                        const struct routes_target **target);

/* See struct attempt_asker. The others get what one has lost as their weights say. */
bool sharing_move(void *exchange, const struct routes_target **target);

/* The request is to be routed anew. */
static inline void sharing_forget(struct exchange *exchange)
{
    exchange->shares_tried = 0;
    exchange->attempt.is_shared = false;
}

#endif
