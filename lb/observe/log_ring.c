#include "lb/observe/log_ring.h"

#include <assert.h>
#include <stdlib.h>

#include "lb/base/memory.h"

void log_ring_init(struct log_ring *ring, size_t size_bytes)
{
    assert(size_bytes > 0 && (size_bytes & (size_bytes - 1)) == 0);
    memset(ring, 0, sizeof(*ring));
    ring->bytes = memory_new(size_bytes);
    ring->size_bytes = size_bytes;
}

void log_ring_fini(struct log_ring *ring)
{
    free(ring->bytes);
    ring->bytes = NULL;
}

/* The place of byte `count` of all. */
static size_t place_of(const struct log_ring *ring, size_t count)
{
    return (count - ring->front) & (ring->size_bytes - 1);
}

bool log_ring_put(struct log_ring *ring, struct view line)
{
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    size_t waiting = written - atomic_load_explicit(&ring->taken, memory_order_acquire);
    if (line.len > ring->size_bytes - waiting) {
        uint64_t dropped = log_ring_dropped_count(ring);
        atomic_store_explicit(&ring->dropped_count, dropped + 1, memory_order_relaxed);
        return false;
    }
    if (waiting == 0)
        ring->front = written; /* nobody else looks at it while nothing waits */
    size_t at = place_of(ring, written);
    size_t first = line.len < ring->size_bytes - at ? line.len : ring->size_bytes - at;
    memcpy(ring->bytes + at, line.ptr, first);
    memcpy(ring->bytes, line.ptr + first, line.len - first);
    atomic_store(&ring->written, written + line.len); /* in one order with the consumer's sleep */
    return true;
}

void log_ring_peek(const struct log_ring *ring, struct view pieces[2])
{
    size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    size_t count = atomic_load(&ring->written) - taken;
    size_t at = count > 0 ? place_of(ring, taken) : 0;
    size_t first = count < ring->size_bytes - at ? count : ring->size_bytes - at;
    pieces[0] = view_of(ring->bytes + at, first);
    pieces[1] = view_of(ring->bytes, count - first);
}

void log_ring_take(struct log_ring *ring, size_t count)
{
    size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    atomic_store_explicit(&ring->taken, taken + count, memory_order_release);
}
