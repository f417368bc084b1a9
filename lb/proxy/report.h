/* Tells the counters and the access log of a finished request: the one place that fills a record.
 */
#ifndef LB_PROXY_REPORT_H
#define LB_PROXY_REPORT_H

#include "lb/front/peer.h"
#include "lb/http/forward.h"
#include "lb/observe/record.h"
#include "lb/proxy/attempt.h"
#include "lb/proxy/hold.h"
#include "lb/proxy/queue.h"

/* What its exchange knows of a finished request. Borrowed. */
struct report {
    const struct peer *peer; /* who asked */
    const struct attempt *attempt;
    const struct forwarded *forwarded;
    const struct tls_session *tls; /* of the client's connection; NULL: it is plain */
    const struct rule *rule;       /* that it went by; NULL: none */
    unsigned minor_version;
    enum err end;
    unsigned status; /* that the client got; 0: none */
    bool is_tunnel;
    uint64_t request_body_bytes;
    uint64_t response_body_bytes;
    uint64_t started_ns;            /* monotonic clock, as the next */
    uint64_t first_byte_ns;         /* 0: never */
    const struct hold *hold;        /* how long it waited; NULL: it never did, as the next */
    const struct queue_wait *queue; /* for a place */
};

/* Fills in all that is not of HTTP, and so needs no `forwarded`; views into `room` too. */
void report_begin_record(const struct report *report, struct record *record,
                         char room[ADDRESS_TEXT_BYTES]);

/* For the metrics. Gives how long it took. */
uint64_t report_count(const struct report *report);

/* For whoever reads records, and for what is kept. */
void report_tell(const struct report *report);

/* What came was no request, and was answered with err_status(end). */
void report_bad_request(struct env *env, const struct peer *peer, enum err end,
                        struct view request_id);

#endif
