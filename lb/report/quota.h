/* How much is sent to Sentry: the same at most once a minute, else counted; and of all together so many at once and then one
 * every two seconds. Time is given, so that it is pure. Of a fixed size. */
#ifndef LB_REPORT_QUOTA_H
#define LB_REPORT_QUOTA_H

#include <stddef.h>

#include "lb/base/siphash.h"

#define QUOTA_ENTRIES   128u
#define QUOTA_AGAIN_NS  UINT64_C(60000000000)
#define QUOTA_PERIOD_NS UINT64_C(2000000000) /* 30 a minute */
#define QUOTA_BURST     30u

enum quota_answer {
    QUOTA_YES,
    QUOTA_AGAIN, /* it was sent within the last minute, and is counted */
    QUOTA_FULL,  /* too many others were */
};

struct quota {
    struct siphash_key key; /* who tells may not choose texts that look alike */
    struct quota_entry {
        struct siphash hash;
        uint64_t since_ns; /* 0: free */
        unsigned count;    /* how often it came again */
    } entries[QUOTA_ENTRIES];
    uint64_t next_ns; /* when the last one that was sent was due, had they come one every period */
};

void quota_init(struct quota *quota);

/* May what these texts name be sent? Yes: `*repeat_count` has how often it was not since the last time. `now_ns` is above 0. */
enum quota_answer quota_ask(struct quota *quota, uint64_t now_ns, const struct view *texts,
                            unsigned count, unsigned *repeat_count);

#endif
