/* The facts of one finished request, filled once at its end: what the counters and the access log
 * are made of. Views are borrowed for the call. */
#ifndef LB_OBSERVE_RECORD_H
#define LB_OBSERVE_RECORD_H

#include <stdint.h>

#include "lb/base/err.h"
#include "lb/base/view.h"

struct record {
    enum err end;
    unsigned status;        /* that the client got; 0: none */
    unsigned attempt_count; /* connections tried, reused ones included */
    unsigned replay_count;  /* times the request was sent again */
    uint64_t request_body_bytes;
    uint64_t response_body_bytes;
};

#endif
