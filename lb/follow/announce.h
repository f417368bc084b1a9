/* Says in the operator log what changed in the pool: one line for each change, but when very many
 * come at once the first few and one line for the rest. */
#ifndef LB_FOLLOW_ANNOUNCE_H
#define LB_FOLLOW_ANNOUNCE_H

#include <uv.h>

#include "lb/base/text.h"
#include "lb/pool/pool_build.h"

struct announce {
    struct announce_change {
        struct endpoint *endpoint; /* one reference */
        enum endpoint_state before;
    } * changes; /* that one pool_build brought, in order */
    unsigned count;

    uv_timer_t second;     /* runs while lines are counted */
    unsigned line_count;   /* since it was started */
    unsigned unsaid_count; /* changes */
    struct text last;      /* of these, as it would have been said */
};

/* Thread: control, as for all of this module. */
void announce_init(struct announce *announce, uv_loop_t *loop);

/* Remembers a change. */
void announce_note(struct announce *announce, struct endpoint *endpoint,
                   enum endpoint_state before);

/* Writes a line for each change ("appserver3 ready, 4 endpoints, 3.2 ms after start") and forgets
 * them; at most ANNOUNCE_LINES in a second, and then how many more there were. Then one for a panic
 * that begins or ends with `pool`, which follows `before` (or NULL). */
#define ANNOUNCE_LINES 20
void announce_speak(struct announce *announce, const struct pool *pool, const struct pool *before);

/* Says what is left to say and closes the timer; the loop must run once more. Idempotent. */
void announce_close(struct announce *announce);

#endif
