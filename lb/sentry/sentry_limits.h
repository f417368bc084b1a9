/* Until when a server wants no events. API: Sentry's "Rate Limiting". Time is given, so that it is pure. Zeroed memory: there is
 * no limit. */
#ifndef LB_SENTRY_SENTRY_LIMITS_H
#define LB_SENTRY_SENTRY_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/view.h"

#define SENTRY_LIMITS_DEFAULT_S 60u    /* of a 429 that does not say how long */
#define SENTRY_LIMITS_MAX_S     86400u /* a server is not obeyed for longer than a day */

struct sentry_limits {
    uint64_t until_ns;
};

/* What an answer said, as it came; hostile. */
struct sentry_limits_answer {
    unsigned status;
    struct view retry_after; /* Retry-After; empty: none */
    struct view
        rate_limits;  /* X-Sentry-Rate-Limits, several lines with commas between; empty: none */
    uint64_t wall_ns; /* for a Retry-After that is a date */
};

/* A limit that ends later stays. */
void sentry_limits_learn(struct sentry_limits *limits, uint64_t now_ns,
                         const struct sentry_limits_answer *answer);

static inline bool sentry_limits_hold(const struct sentry_limits *limits, uint64_t now_ns)
{
    return now_ns < limits->until_ns;
}

#endif
