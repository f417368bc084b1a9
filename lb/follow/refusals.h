/* What the log tells of refused lines: the log itself counts those that repeat; of others only so many
 * a second are told, because a program that writes garbage writes much of it. Zeroed memory is ready.
 * Thread: control. */
#ifndef LB_FOLLOW_REFUSALS_H
#define LB_FOLLOW_REFUSALS_H

#include "lb/base/view.h"

#define REFUSALS_A_SECOND 10u

struct refusals {
    uint64_t latest_hash; /* of why the latest was refused */
    uint64_t since_ms;    /* when the second began in which they are counted */
    unsigned told_count;  /* in it */
    uint64_t untold_count;
};

/* A line was refused, at `now_ms` of any clock that only goes on. */
void refusals_tell(struct refusals *refusals, uint64_t now_ms, struct view why);

#endif
