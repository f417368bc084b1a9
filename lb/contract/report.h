/* What lb's programs tell lb-report, which delivers it: log lines by GELF, incidents to Sentry. Messages over one
 * SOCK_SEQPACKET pair that the master makes and keeps both ends of, so that what waits outlives each process. Who tells
 * never waits (MSG_DONTWAIT): what does not fit is lost, and counted. Who reads trusts nothing in it.
 *
 * A message is one byte, enum report_kind, and what follows it; it is cut at REPORT_MESSAGE_MAX by whoever tells. */
#ifndef LB_CONTRACT_REPORT_H
#define LB_CONTRACT_REPORT_H

#include <stdint.h>

#define REPORT_MESSAGE_MAX 32768u

/* Where programs that tell find the socket; lb-proxy has it with its keepsakes instead (CHANNEL_OUTBOX). */
#define REPORT_ENVIRONMENT "LB_OUTBOX_FD"

/* Where lb-report finds its end, and the page of counts (a memfd of one page, struct report_counts). */
#define REPORT_INBOX_FD  3
#define REPORT_COUNTS_FD 4

enum report_kind {
    REPORT_LOG = 'L',    /* whole lines of the operator log as JSON, each with its newline */
    REPORT_ACCESS = 'A', /* whole lines of the access log, each with its newline */
    REPORT_CHANGE =
        'B', /* a JSON object: what changed in the pool; the last of them go with each incident (breadcrumbs) */
    REPORT_INCIDENT = 'I', /* a JSON object */
    REPORT_CRASH =
        'C', /* of the master: a JSON object; "text" is the crash report, a stranger's word */
};

/* The objects. All texts are UTF-8 and bounded; a field that is not known is left out, one that is not read is ignored.
 *
 * REPORT_CHANGE    {"timestamp":seconds with fraction,"message":"appserver3 ready","level":"info",
 *                   "data":{"service":…,"container":…,"endpoint":…,"before":…,"after":…,"cause":…}}
 * REPORT_INCIDENT  {"timestamp":…,"kind":word of below,"phase":word of below,"level":"error"|…,
 *                   "message":"a sentence, with its remedy","subject":"what it is about, stable: part of the fingerprint",
 *                   "service":…,"endpoint":…,"container":{"name":…,"id":…,"image":…},"host":…,
 *                   "trace_id":…,"url":… (without its query unless that is asked for),"extra":{…},"lasted_seconds":…}
 * REPORT_CRASH     {"timestamp":…,"reason":"SIGSEGV","lost_requests":…,"crashes_in_a_row":…,"is_crash_loop":…,"text":…} */
#define REPORT_INCIDENT_WORDS                                                                      \
    X(no_endpoint)          /* a service has nobody who could answer, and had */                   \
    X(ejection)             /* outlier detection took an endpoint out */                           \
    X(panic)                /* so few are good that others are used as well */                     \
    X(container_crash_loop) /* one container's endpoint came and went again and again */           \
    X(discovery_lost)       /* the pool is followed no more: engine, Consul, lb-discovery away */  \
    X(proxy_crash)          /* lb-proxy died; the master tells */                                  \
    X(certificate)          /* one that clients are shown runs out, or is over */

#define REPORT_PHASE_WORDS                                                                         \
    X(begun)                                                                                       \
    X(ended)                                                                                       \
    X(happened) /* it has no duration */

/* One page that lb-report writes and lb-proxy shows (metrics, /process). Its counts only ever grow, over all processes. */
struct report_counts {
    _Atomic uint64_t start_count; /* of lb-report */
    _Atomic uint64_t gelf_sent, gelf_sent_bytes, gelf_dropped_queue, gelf_dropped_error;
    _Atomic uint64_t gelf_reconnects;
    _Atomic uint64_t gelf_waiting; /* right now */
    _Atomic uint64_t sentry_sent, sentry_dropped_queue, sentry_dropped_rate_limit,
        sentry_dropped_error;
    _Atomic uint64_t sentry_grouped; /* the same again within a minute: counted, not sent */
    _Atomic uint64_t sentry_waiting;
    _Atomic uint64_t sentry_limited_until_ns; /* wall clock; 0: not limited */
    _Atomic uint64_t last_error_ns; /* wall clock of what stands in last_error; written after it */
    char last_error[256]; /* a sentence; the reader bounds it and checks that it is UTF-8 */
};

#endif
