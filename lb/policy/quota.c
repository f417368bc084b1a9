#include "lb/policy/quota.h"

#include <limits.h>
#include <string.h>

#include "lb/base/hash.h"

void quota_init(struct quota *quota, unsigned max_count, uint64_t seed)
{
    memset(quota, 0, sizeof(*quota));
    quota_set_max(quota, max_count);
    quota->seed = seed;
}

void quota_set_max(struct quota *quota, unsigned max_count)
{
    atomic_store_explicit(&quota->max_count, max_count ? max_count : UINT_MAX,
                          memory_order_relaxed);
}

/* The two counters of a client. */
static void find(struct quota *quota, const struct address *client, atomic_uint *found[2])
{
    uint64_t key = address_client_number(client);
    uint64_t hash = hash_mix(hash_mix(key ^ quota->seed) + quota->seed);
    found[0] = &quota->counters[hash % QUOTA_COUNTERS];
    found[1] = &quota->counters[(hash >> 32) % QUOTA_COUNTERS];
}

bool quota_take(struct quota *quota, const struct address *client)
{
    atomic_uint *counters[2];
    find(quota, client, counters);
    unsigned first = atomic_fetch_add_explicit(counters[0], 1, memory_order_relaxed);
    unsigned second = atomic_fetch_add_explicit(counters[1], 1, memory_order_relaxed);
    if (counters[0] == counters[1])
        first = second = second / 2;
    unsigned max_count = atomic_load_explicit(&quota->max_count, memory_order_relaxed);
    if (first < max_count || second < max_count)
        return true;
    quota_give(quota, client);
    return false;
}

void quota_give(struct quota *quota, const struct address *client)
{
    atomic_uint *counters[2];
    find(quota, client, counters);
    atomic_fetch_sub_explicit(counters[0], 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(counters[1], 1, memory_order_relaxed);
}
