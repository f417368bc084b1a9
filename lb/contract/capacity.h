/* How much of what comes an endpoint takes, by its labels: so many requests at a time, and whether more
 * than one over a connection; and how many wait for one at a service. Pure. */
#ifndef LB_CONTRACT_CAPACITY_H
#define LB_CONTRACT_CAPACITY_H

#include <stdbool.h>

#include "lb/base/view.h"

#define CAPACITY_INFLIGHT_MAX 65535u

enum capacity_choice { CAPACITY_UNSAID, CAPACITY_NO, CAPACITY_YES };

struct capacity {
    bool has_max_inflight;
    unsigned max_inflight; /* at a time, of all workers; 0: no limit */
    enum capacity_choice keepalive;
};

/* What the parsers take: of an endpoint as a sentence, of a service as the subject of one. */
#define CAPACITY_MAX_INFLIGHT_ACCEPTED "off, or a number from 0 (no limit) to 65535, is accepted"
#define CAPACITY_KEEPALIVE_ACCEPTED    "on or off is accepted"

/* "4"; "0" and "off" are 0. Fails: false. */
bool capacity_parse_max_inflight(struct view value, unsigned *out);

/* "on" and "off", and other words for yes and no. Fails: false. */
bool capacity_parse_keepalive(struct view value, enum capacity_choice *out);

#define CAPACITY_QUEUE_MAX        1000000u
#define CAPACITY_QUEUE_MS_MAX     3600000u
#define CAPACITY_QUEUE_ACCEPTED   "off, or how many requests may wait, up to 1000000"
#define CAPACITY_TIMEOUT_ACCEPTED "a time up to 1h such as 10s, or 0 (none waits)"

/* Of a service: how many requests wait for an endpoint at its limit, and how long one does; "off" and "0"
 * are 0. Fail: false, and `*out` is as it was. */
bool capacity_parse_queue(struct view value, unsigned *out);
bool capacity_parse_queue_timeout(struct view value, unsigned *out_ms);

#endif
