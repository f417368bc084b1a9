/* What must hold of a pool that the publisher keeps, whatever happens to it. Reads only. */
#ifndef TESTS_FUZZ_SUPPORT_POOL_SEQUENCE_CHECKS_H
#define TESTS_FUZZ_SUPPORT_POOL_SEQUENCE_CHECKS_H

#include "lb/follow/publisher.h"

/* Zeroed memory has seen nothing. */
struct pool_sequence_checks {
    struct pool *before; /* as it was at the last look; one reference */
};

/* Looks once nothing is left to happen at this time:
 * - Each state is what its causes make of it, each order the operator's.
 * - What is to be probed is probed, what is to be checked is checked, nothing else is.
 * - A server that stays the same under another name or weight keeps all that was known of it. */
void pool_sequence_checks_step(struct pool_sequence_checks *checks,
                               const struct publisher *publisher);

/* All servers are well from now on, and `pass` lets time go by: what its source calls ready, and no
 * operator took out, is ready before long. */
void pool_sequence_checks_recovery(struct pool_sequence_checks *checks,
                                   const struct publisher *publisher, void (*pass)(uint64_t ms));

void pool_sequence_checks_fini(struct pool_sequence_checks *checks);

#endif
