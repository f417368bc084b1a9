/* Where control leaves a snapshot for one worker: the latest wins, nobody waits. */
#ifndef LB_POOL_POOL_SLOT_H
#define LB_POOL_POOL_SLOT_H

#include "lb/pool/pool.h"

struct pool_slot {
    _Atomic(struct pool *) offered; /* NULL: nothing new */
};

/* Leaves a reference of its own to `pool` for the worker; an offer that was not collected is
 * dropped. Borrows. Thread: control. Release: all of the snapshot is written before it is seen. */
void pool_slot_offer(struct pool_slot *slot, struct pool *pool);

/* Gives the latest offer with its reference, or NULL. Thread: the worker. */
struct pool *pool_slot_collect(struct pool_slot *slot);

#endif
