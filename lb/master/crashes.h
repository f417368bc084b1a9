/* What is known of proxy processes that ended without being told to: counted by reason, and when the next one may start.
 * Pure; times are of the monotonic clock. */
#ifndef LB_MASTER_CRASHES_H
#define LB_MASTER_CRASHES_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/contract/channel.h"

/* One that has lived so long ends a crash loop; one that has lived less than the first has crashed early. */
#define CRASHES_EARLY_NS   (10 * 1000000000ull)
#define CRASHES_CALM_NS    (60 * 1000000000ull)
#define CRASHES_LOOP_COUNT 3u

struct crashes_case {
    int status;        /* as waitpid(2) gives it */
    uint64_t lived_ns; /* since it was started */
    uint64_t wall_ns;  /* of the clock on the wall, now */
    uint64_t lost_count;
};

/* Counts it. Gives after how many milliseconds the next one is to be started: 0 the first time. Sets whether a crash
 * loop begins with it. */
unsigned crashes_count(struct channel_history *history, const struct crashes_case *one,
                       bool *loop_begins);

/* One process has lived for so long: whether a crash loop ended with it, and is no more. */
bool crashes_calm_down(struct channel_history *history, uint64_t lived_ns);

/* In words: "signal 11 (SIGSEGV)", "exit status 3". Gives `text`. */
#define CRASHES_TEXT_BYTES 64
const char *crashes_describe(int status, char text[CRASHES_TEXT_BYTES]);

/* "3 h", "5 min", "12 s", "80 ms". Gives `text`. */
const char *crashes_span(uint64_t span_ns, char text[CRASHES_TEXT_BYTES]);

/* What the master ends with when that was its process: its exit status, or 128 and the signal's number. */
int crashes_exit_status(int status);

#endif
