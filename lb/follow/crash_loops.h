/* Which containers come and go again and again without having been told to. Pure; time is given. Thread: control. */
#ifndef LB_FOLLOW_CRASH_LOOPS_H
#define LB_FOLLOW_CRASH_LOOPS_H

#include <stdbool.h>
#include <stdint.h>

#define CRASH_LOOPS_COUNT   5u      /* so often … */
#define CRASH_LOOPS_MS      300000u /* … within that time */
#define CRASH_LOOPS_TOLD_MS 600000u /* and then not told again for so long */
#define CRASH_LOOPS_MAX     256u    /* containers that are remembered: those that went last */

struct crash_loop {
    char *name;
    uint64_t went_ms[CRASH_LOOPS_COUNT]; /* the last ones, as a ring; 0: never */
    uint64_t told_ms;                    /* 0: it was not */
    uint64_t version; /* of the snapshot in which it went last: of several ports one counts */
    unsigned next;
};

/* Zeroed memory has none. */
struct crash_loops {
    struct crash_loop *items;
    unsigned count;
};

/* It went, in that snapshot. By its name, as a container that is made anew keeps that. */
void crash_loops_note_went(struct crash_loops *loops, const char *name, uint64_t version,
                           uint64_t now_ms);

/* It came. True: again, too often, and that is to be told now; `*span_ms` is how long it took to go so often. */
bool crash_loops_note_came(struct crash_loops *loops, const char *name, uint64_t now_ms,
                           uint64_t *span_ms);

void crash_loops_fini(struct crash_loops *loops);

#endif
