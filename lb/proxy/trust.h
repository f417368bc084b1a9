/* Endpoints that send bytes which nobody asked for: for a minute after the latest of them their
 * connections serve one request each, since what is still on its way cannot be told from an answer.
 * Each worker finds out for itself. Thread: worker. */
#ifndef LB_PROXY_TRUST_H
#define LB_PROXY_TRUST_H

#include "lb/proxy/env.h"

/* Such bytes came from the endpoint. */
void trust_lose(struct env *env, struct endpoint *endpoint);

/* Whether its minute is over. */
bool trust_regain(struct env *env, struct endpoint *endpoint);

/* Whether a connection may serve a second request. */
static inline bool trust_has(struct env *env, struct endpoint *endpoint)
{
    return !endpoint->locals[env->worker_index].is_distrusted || trust_regain(env, endpoint);
}

#endif
