/* The endpoints that several services of a snapshot share, while it is built: each is found by who comes
 * later. Thread: control. */
#ifndef LB_POOL_POOL_KIN_H
#define LB_POOL_POOL_KIN_H

#include "lb/pool/pool_wanted.h"

/* Zeroed memory is empty. To be handed to pool_kin_fini. */
struct pool_kin {
    struct endpoint **slots;
    unsigned count;
    unsigned capacity; /* a power of two, or 0 */
};

/* The one of the same id and address, or NULL. */
struct endpoint *pool_kin_find(const struct pool_kin *kin,
                               const struct pool_wanted_endpoint *wanted);

/* Borrows it. None of its id and address is there yet. */
void pool_kin_add(struct pool_kin *kin, struct endpoint *endpoint);

void pool_kin_fini(struct pool_kin *kin);

#endif
