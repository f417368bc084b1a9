/* A number that one thread counts and others read: no lock, no atomic addition. */
#ifndef LB_OBSERVE_COUNTER_H
#define LB_OBSERVE_COUNTER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef atomic_uint_fast64_t counter64;

/* Adds to it; (uint64_t)-1 takes one away. Thread: the one writer. */
static inline void counter_add(counter64 *counter, uint64_t change)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + change, memory_order_relaxed);
}

/* Thread: any. */
static inline uint64_t counter_get(const counter64 *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Adds `bytes` of counters in a row to others in the same order. Thread: the writer of the sums. */
static inline void counter_merge(counter64 *sums, const counter64 *from, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*sums); i++)
        counter_add(&sums[i], counter_get(&from[i]));
}

#endif
