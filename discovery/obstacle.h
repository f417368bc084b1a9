/* What keeps a source from being followed, and what would change it. */
#ifndef DISCOVERY_OBSTACLE_H
#define DISCOVERY_OBSTACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"

/* lb refuses longer ones (FORMAT.md). */

/* Zeroed memory: there is none. */
struct obstacle {
    struct text why;    /* what was met, without a full stop; empty: there is none */
    struct text remedy; /* sentences; may be empty */
    uint64_t since_ns;  /* wall clock */
};

void obstacle_fini(struct obstacle *obstacle);

/* Replaces it; both are cleaned and cut. `since_ns` stays while `why` does. Gives whether anything
 * changed. */
bool obstacle_set(struct obstacle *obstacle, const char *why, const char *remedy, uint64_t now_ns);

/* There is none any more. Gives whether there was one. */
bool obstacle_clear(struct obstacle *obstacle);

static inline bool obstacle_is_set(const struct obstacle *obstacle)
{
    return obstacle->why.len > 0;
}

#endif
