/* The policies of the snapshot that is being built: one for all services that say nothing, and for
 * each other the same with what its options say. Equal ones are one object, also from snapshot to
 * snapshot. Thread: control. */
#ifndef LB_POOL_POOL_POLICIES_H
#define LB_POOL_POOL_POLICIES_H

#include "lb/pool/pool.h"
#include "lb/pool/pool_wanted.h"

/* To be handed to pool_policies_fini. */
struct pool_policies {
    struct service_policy *base;        /* borrowed */
    struct pool_wanted_service *wanted; /* sorted by name; borrowed */
    unsigned wanted_count;
    struct service_policy **own; /* those that differ from it, sorted by what they say; borrowed */
    unsigned own_count;
    unsigned own_room;
};

/* `before`, which may be NULL, is what the policies are kept from; `base` is that of who says nothing.
 * Sorts the services of `wanted`. Borrows all of them. */
void pool_policies_begin(struct pool_policies *policies, const struct pool *before,
                         struct pool_wanted *wanted, struct service_policy *base);

/* Gives a reference to the policy of the service of that name and kind. */
struct service_policy *pool_policies_take(struct pool_policies *policies, struct view name,
                                          enum service_kind kind);

/* Forgets them; references that were given stay. */
void pool_policies_fini(struct pool_policies *policies);

#endif
