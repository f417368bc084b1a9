#include "lb/observe/traffic.h"

#include <assert.h>
#include <stddef.h>

/* Fifty bits of a pair count: enough for a million requests a second over 35 years. */
#define COUNT_BITS 50u

static const struct view method_words[TRAFFIC_METHOD_COUNT] = {
#define XX(name) [TRAFFIC_##name] = {#name, sizeof(#name) - 1},
    TRAFFIC_METHOD_MAP(XX)
#undef XX
};

const char *traffic_method_word(enum traffic_method method)
{
    return method_words[method].ptr;
}

/* Methods are case-sensitive (RFC 9110 § 9.1). */
static enum traffic_method method_of(struct view method)
{
    for (unsigned i = 0; i < TRAFFIC_OTHER; i++)
        if (view_eq(method, method_words[i]))
            return (enum traffic_method)i;
    return TRAFFIC_OTHER;
}

/* Adds to the pair of that key, which gets its place with its first count. */
static void add_to_pair(struct traffic *traffic, uint64_t key, uint64_t count)
{
    unsigned i = (unsigned)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40);
    for (unsigned tried = 0; tried < TRAFFIC_PAIR_COUNT; tried++, i++) {
        counter64 *pair = &traffic->pairs[i % TRAFFIC_PAIR_COUNT];
        uint64_t there = counter_get(pair);
        if (there == 0)
            there = key << COUNT_BITS;
        if (there >> COUNT_BITS != key)
            continue;
        atomic_store_explicit(pair, there + count, memory_order_relaxed);
        return;
    }
    counter_add(&traffic->others[traffic_class(key & 1023)], count);
}

void traffic_count(struct traffic *traffic, struct view method, unsigned status)
{
    assert(status < 1000);
    add_to_pair(traffic, (uint64_t)method_of(method) << 10 | status, 1);
}

void traffic_merge(struct traffic *sum, const struct traffic *from)
{
    for (unsigned i = 0; i < TRAFFIC_PAIR_COUNT; i++) {
        uint64_t pair = counter_get(&from->pairs[i]);
        if (pair > 0)
            add_to_pair(sum, pair >> COUNT_BITS, traffic_count_of(pair));
    }
    counter_merge(sum->others, from->others,
                  offsetof(struct traffic, exemplars) - offsetof(struct traffic, others));
    exemplars_merge(&sum->exemplars, &from->exemplars);
}
