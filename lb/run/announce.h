/* Says in the operator log what changed in the pool. */
#ifndef LB_RUN_ANNOUNCE_H
#define LB_RUN_ANNOUNCE_H

#include "lb/pool/pool_build.h"

/* Changes that one pool_build brought, in order. Zeroed memory is empty. */
struct announce {
    struct announce_change {
        struct endpoint *endpoint; /* one reference */
        enum endpoint_state before;
    } * changes;
    unsigned count;
};

/* Remembers a change. */
void announce_note(struct announce *announce, struct endpoint *endpoint,
                   enum endpoint_state before);

/* Writes one line for each change ("appserver3 ready, 4 endpoints, 3.2 ms after start") and
 * forgets them. */
void announce_speak(struct announce *announce, const struct pool *pool);

#endif
