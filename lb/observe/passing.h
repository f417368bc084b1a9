/* What one worker counts of the connections or flows of one service. The worker alone writes; control adds the
 * workers up when asked. */
#ifndef LB_OBSERVE_PASSING_H
#define LB_OBSERVE_PASSING_H

#include "lb/base/err.h"
#include "lb/observe/counter.h"
#include "lb/observe/histogram.h"

struct passing {
    _Alignas(64) counter64
        count; /* that were begun: a connection was accepted, a flow's first datagram came */
    counter64 open_count;   /* of these, those that there are */
    counter64 client_bytes; /* that came from clients and were passed on; told as they pass */
    counter64 server_bytes;
    counter64 client_datagram_count; /* of flows */
    counter64 server_datagram_count;
    counter64 lost_datagram_count; /* that nobody could be sent, either way */
    counter64 ends[ERR_COUNT];
    struct histogram durations;
};

/* One has ended. Thread: the worker. */
void passing_end(struct passing *passing, enum err end, uint64_t duration_ns);

/* Adds all of `from` to `*sum`, which nobody else reads. Thread: any. */
void passing_merge(struct passing *sum, const struct passing *from);

#endif
