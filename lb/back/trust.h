/* Endpoints that send bytes which nobody asked for: for a minute after the latest of them their
 * connections serve one request each, since what is still on its way cannot be told from an answer.
 * Each worker finds out for itself. Thread: worker. */
#ifndef LB_BACK_TRUST_H
#define LB_BACK_TRUST_H

#include "lb/back/fleet_state.h"

/* Such bytes came from the endpoint. */
void trust_lose(struct fleet *fleet, struct endpoint *endpoint);

/* Whether its minute is over. */
bool trust_regain(struct fleet *fleet, struct endpoint *endpoint);

/* Whether a connection may serve a second request. */
static inline bool trust_has(struct fleet *fleet, struct endpoint *endpoint)
{
    return atomic_load_explicit(&endpoint->is_kept_alive, memory_order_relaxed) &&
           (!endpoint->locals[fleet->worker_index].is_distrusted || trust_regain(fleet, endpoint));
}

#endif
