#include "lb/pool/pool_slot.h"

void pool_slot_offer(struct pool_slot *slot, struct pool *pool)
{
    struct pool *missed =
        atomic_exchange_explicit(&slot->offered, pool_ref(pool), memory_order_acq_rel);
    pool_unref(missed);
}

struct pool *pool_slot_collect(struct pool_slot *slot)
{
    return atomic_exchange_explicit(&slot->offered, NULL, memory_order_acq_rel);
}
