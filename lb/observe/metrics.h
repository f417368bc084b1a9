/* One worker's counters. The worker alone writes them; control adds the workers up when asked. What
 * is counted for each service is traffic.h's. */
#ifndef LB_OBSERVE_METRICS_H
#define LB_OBSERVE_METRICS_H

#include "lb/base/err.h"
#include "lb/observe/handshakes.h"
#include "lb/observe/traffic.h"

struct metrics {
    counter64 requests_by_class[6];                 /* status / 100; 0: ended without a status */
    counter64 durations[HISTOGRAM_BOUND_COUNT + 1]; /* as in a histogram, without tunnels */
    counter64 ends[ERR_COUNT];
    counter64 inflight_count;
    counter64 held_count;    /* requests that wait for an endpoint now */
    counter64 hold_count;    /* that had to, ever */
    counter64 queued_count;  /* requests that wait for a place of an endpoint now */
    struct histogram queues; /* how long those waited that had to */
    counter64 retry_count;
    counter64 retry_denied_count; /* by the retry budget */
    counter64 request_body_bytes;
    counter64 response_body_bytes;
    counter64 client_accepted_count;
    counter64 client_open_count;
    counter64 upstream_connect_count;
    struct handshakes handshakes; /* of TLS with clients */
    counter64 upstream_tls_count; /* handshakes with backends that succeeded */
    counter64 upstream_tls_failed_count;
    counter64 upstream_tls_resumed_count; /* of those that succeeded */
};

/* What is counted of a finished request or tunnel. `method` is borrowed. */
struct metrics_request {
    enum err end;
    unsigned status;        /* that the client got; 0: none */
    unsigned attempt_count; /* connections tried, reused ones included */
    bool is_tunnel;
    bool is_reused; /* the last attempt used a connection that had served before */
    uint64_t request_body_bytes;
    uint64_t response_body_bytes;
    uint64_t total_ns;    /* from its head to the end of the answer */
    uint64_t wall_ns;     /* of its end */
    struct view method;   /* empty: not known */
    struct view trace_id; /* likewise */
};

/* Counts it, for the worker and for its service. Thread: the worker. */
void metrics_observe(struct metrics *metrics, struct traffic *traffic,
                     const struct metrics_request *request);

/* Adds all of `from` to `*sum`. Thread: any. */
void metrics_merge(struct metrics *sum, const struct metrics *from);

#endif
