/* Who gets which share of the requests of routes that several services have, in one snapshot. Thread:
 * control. */
#ifndef LB_POOL_POOL_GROUPS_H
#define LB_POOL_POOL_GROUPS_H

#include "lb/pool/pool.h"
#include "lb/pool/pool_wanted.h"

/* Of routes whose targets are there, and what is ordered. */
void pool_groups_build(struct routes *routes, const struct pool_wanted *wanted);

/* Weights of `count` services, of which some have a percentage by order, -1 the others: who has one gets
 * that, the others share what remains by their weights, or evenly where they have none. Where more than
 * all is ordered, or all have an order, these are in proportion. */
void pool_groups_weigh(uint32_t *weights, const int *percents, unsigned count);

#endif
