/* How often one client may ask, as labels, files and lines say it: "100/s", "10/m burst 20", "5/h",
 * "30/10s". So many go through at once as the burst says, without one as many as in one period; what
 * is used up comes back evenly. Plain values. Thread: any. */
#ifndef LB_CONTRACT_RATE_H
#define LB_CONTRACT_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define RATE_COUNT_MAX  1000000u
#define RATE_PERIOD_MAX 86400u /* a day, in seconds */

/* A client that used up all of it is as good as new after that time: tables keep it for so long. */
#define RATE_DEBT_MAX_S 604800u

struct rate {
    unsigned count;    /* of requests */
    unsigned period_s; /* that they may come in */
    unsigned burst;    /* of requests, at once; never 0 */
};

/* Borrows. Fails: false, and `problem` gets what is wrong with it: "has a burst that …". */
bool rate_parse(struct view text, struct rate *out, struct text *problem);

/* Whether it can be parsed. */
bool rate_check(struct view text, struct text *problem);

/* Appends the shortest text that rate_parse reads the same from. */
void rate_format(const struct rate *rate, struct text *out);

/* From one request to the next, where they come evenly. */
static inline uint64_t rate_interval_ns(const struct rate *rate)
{
    return rate->period_s * UINT64_C(1000000000) / rate->count;
}

#endif
