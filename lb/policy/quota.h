/* How many connections each client address may have, over all workers: a count-min sketch, so its
 * size does not grow with the number of clients. Two clients that share both counters share a
 * quota; with a secret seed that cannot be arranged and hardly happens. Thread: any. */
#ifndef LB_POLICY_QUOTA_H
#define LB_POLICY_QUOTA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lb/base/address.h"

#define QUOTA_COUNTERS 65536u

struct quota {
    atomic_uint max_count;
    uint64_t seed;
    atomic_uint counters[QUOTA_COUNTERS];
};

/* `seed` is random. */
void quota_init(struct quota *quota, unsigned max_count, uint64_t seed);

/* From now on so many for one client; 0: no limit. Those that are there stay. */
void quota_set_max(struct quota *quota, unsigned max_count);

/* Counts one more connection. False: it has too many; nothing was counted. */
bool quota_take(struct quota *quota, const struct address *client);

/* One connection less. */
void quota_give(struct quota *quota, const struct address *client);

#endif
