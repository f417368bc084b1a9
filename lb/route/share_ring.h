/* Who has which turn, by weights: a step goes round a ring on which each of them has as many places as
 * its weight says. In as many turns as the ring has places each gets exactly its weight, and on the way
 * there nobody is ahead or behind by more than a few, whoever counts the turns. Thread: any. */
#ifndef LB_ROUTE_SHARE_RING_H
#define LB_ROUTE_SHARE_RING_H

#include <limits.h>
#include <stdint.h>

#include "lb/contract/route.h"

#define SHARE_RING_NOBODY UINT_MAX

struct share_ring {
    uint64_t place_count; /* 0: nobody has a weight */
    uint64_t step;        /* near the golden section of the ring, without a common divisor */
    unsigned count;
    uint64_t ends[ROUTE_SHARES_MAX]; /* of each one's places; they begin where those before end */
};

void share_ring_init(struct share_ring *ring, const uint32_t *weights, unsigned count);

/* Whose turn it is: an index of the weights, or SHARE_RING_NOBODY. */
unsigned share_ring_pick(const struct share_ring *ring, uint64_t turn);

#endif
