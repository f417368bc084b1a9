/* Whole lines on their way from one thread to another: a ring of bytes with one producer and one
 * consumer, without locks. What has no room is dropped and counted; nobody waits. An empty ring is
 * used from its front again, so that little memory is touched while the consumer keeps up. */
#ifndef LB_OBSERVE_LOG_RING_H
#define LB_OBSERVE_LOG_RING_H

#include <stdatomic.h>
#include <stddef.h>

#include "lb/base/view.h"

struct log_ring {
    char *bytes;
    size_t size_bytes; /* a power of two */

    _Alignas(64) atomic_size_t written; /* in all, by the producer */
    size_t front;                       /* which byte of all is at the front of `bytes` */
    atomic_uint_fast64_t dropped_count; /* lines */

    _Alignas(64) atomic_size_t taken; /* in all, by the consumer */
};

/* `size_bytes` is a power of two. */
void log_ring_init(struct log_ring *ring, size_t size_bytes);
void log_ring_fini(struct log_ring *ring);

/* Copies a line in. False: there is no room, and the line is counted as dropped. Thread: producer.
 */
bool log_ring_put(struct log_ring *ring, struct view line);

/* Gives what waits as two pieces, which together are whole lines unless log_ring_take left a part
 * of one; an empty first piece: nothing. Borrowed until log_ring_take. Thread: consumer. */
void log_ring_peek(const struct log_ring *ring, struct view pieces[2]);

/* Makes room: the first `count` bytes are done with. Thread: consumer. */
void log_ring_take(struct log_ring *ring, size_t count);

/* Whether so much may wait that it should be taken soon: a quarter. Thread: producer. */
static inline bool log_ring_is_filling(const struct log_ring *ring)
{
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    return written - taken > ring->size_bytes / 4;
}

/* Thread: any. */
static inline uint64_t log_ring_dropped_count(const struct log_ring *ring)
{
    return atomic_load_explicit(&ring->dropped_count, memory_order_relaxed);
}

#endif
