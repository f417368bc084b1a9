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

static bool has_room(struct log_ring *ring, size_t written, size_t len)
{
    if (len <= ring->size_bytes - (written - ring->seen_taken))
        return true;
    ring->seen_taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    return len <= ring->size_bytes - (written - ring->seen_taken);
}

bool log_ring_put(struct log_ring *ring, struct view line)
{
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    if (!has_room(ring, written, line.len)) {
        uint64_t dropped = log_ring_dropped_count(ring);
        atomic_store_explicit(&ring->dropped_count, dropped + 1, memory_order_relaxed);
        return false;
    }
    size_t at = written & (ring->size_bytes - 1);
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
    size_t at = taken & (ring->size_bytes - 1);
    size_t first = count < ring->size_bytes - at ? count : ring->size_bytes - at;
    pieces[0] = view_of(ring->bytes + at, first);
    pieces[1] = view_of(ring->bytes, count - first);
}

void log_ring_take(struct log_ring *ring, size_t count)
{
    size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    atomic_store_explicit(&ring->taken, taken + count, memory_order_release);
}
