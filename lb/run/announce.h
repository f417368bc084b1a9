/* Says in the operator log what changed in the pool. */
#ifndef LB_RUN_ANNOUNCE_H
#define LB_RUN_ANNOUNCE_H

#include "lb/pool/pool_build.h"

/* Changes that one snapshot brought, in order. Zeroed memory is empty. */
struct announce {
    struct announce_change {
        struct endpoint *endpoint; /* one reference */
        enum endpoint_state before;
    } * changes;
    unsigned count;
    unsigned allowance;    /* lines that may be written now */
    uint64_t allowed_ns;   /* wall clock, up to which the allowance was counted */
    unsigned silent_count; /* changes that were not said since the last one that was */
};

/* Remembers a change. */
void announce_note(struct announce *announce, struct endpoint *endpoint,
                   enum endpoint_state before);

/* Writes one line for each change ("appserver3 ready, 4 endpoints, 3.2 ms after start") and for a
 * panic that begins or ends with `pool`, which follows `before` (or NULL), and forgets the changes.
 * Where very many come, only some are said, and the number of the others. */
void announce_speak(struct announce *announce, const struct pool *pool, const struct pool *before);

#endif
