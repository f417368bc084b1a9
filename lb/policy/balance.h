/* Which endpoint gets the next request. Pure: no clock, no I/O; the only thing written is the
 * service's cursor. */
#ifndef LB_POLICY_BALANCE_H
#define LB_POLICY_BALANCE_H

#include "lb/pool/pool.h"

#define BALANCE_TRIED_MAX 8

/* Endpoints that this request has tried already. */
struct balance_tried {
    const struct endpoint *endpoints[BALANCE_TRIED_MAX]; /* compared, never followed */
    unsigned count;
};

/* Strict round robin over the ready endpoints of a service, across all workers: the next turn's
 * endpoint, or the first usable and untried one after it. A request that has tried some takes no
 * further turn. NULL: there is none. The endpoint is borrowed from the snapshot. Thread: worker. */
struct endpoint *balance_pick(const struct pool_service *service,
                              const struct balance_tried *tried);

/* Whether balance_pick would find one; takes no turn. `tried` may be NULL. Thread: worker. */
bool balance_has_usable(const struct pool_service *service, const struct balance_tried *tried);

/* Remembers an endpoint; a full list forgets nothing and takes nothing. */
void balance_note_tried(struct balance_tried *tried, const struct endpoint *endpoint);

#endif
