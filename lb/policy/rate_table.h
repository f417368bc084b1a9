/* Which client has asked too often: one table for all workers and all limits, of a fixed size and
 * without a lock. An entry is one number, the time at which its client owes nothing any more (GCRA).
 * In a full set of entries the one whose time is the earliest gives way: who keeps asking stays. Two
 * workers that meet in an entry that changes hands may let one request more through. Thread: any. */
#ifndef LB_POLICY_RATE_TABLE_H
#define LB_POLICY_RATE_TABLE_H

#include <stdatomic.h>
#include <stdint.h>

#include "lb/base/address.h"
#include "lb/contract/rate.h"

#define RATE_TABLE_WAYS 4u
#define RATE_TABLE_SETS 65536u

/* One limit, as it is asked about. Pure value. */
struct rate_limit {
    uint64_t identity; /* of what is limited and how: others have clients of their own */
    uint64_t interval_ns;
    uint64_t burst_ns; /* may be owed */
};

struct rate_entry {
    _Atomic uint64_t key; /* 0: nobody's */
    _Atomic uint64_t free_ns;
};

/* Of 4 MiB; pages that no client has touched cost nothing. */
struct rate_table {
    uint64_t seed; /* random, secret */
    _Alignas(64) struct rate_entry entries[RATE_TABLE_SETS][RATE_TABLE_WAYS];
};

/* Gives it, empty. Without memory the program ends, with a message. */
struct rate_table *rate_table_new(uint64_t seed);

/* Takes it. NULL is allowed. */
void rate_table_free(struct rate_table *table);

/* `subject` tells what is limited; the same subject with another rate is another limit, so that
 * nothing is left of an old one. */
struct rate_limit rate_table_limit(const struct rate *rate, uint64_t subject);

/* One request of this client, of IPv6 of its /64. 0: it may pass, and counts. Else it does not count,
 * and the next may pass after so many seconds. `now_ns` is of a monotonic clock, of any worker. */
unsigned rate_table_take(struct rate_table *table, const struct rate_limit *limit,
                         const struct address *client, uint64_t now_ns);

#endif
