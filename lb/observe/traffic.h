/* What one worker counts of the requests of one service: small, as there may be many services. The
 * worker alone writes; control adds the workers up when asked. */
#ifndef LB_OBSERVE_TRAFFIC_H
#define LB_OBSERVE_TRAFFIC_H

#include "lb/base/err.h"
#include "lb/base/view.h"
#include "lb/observe/coarse_histogram.h"
#include "lb/observe/exemplars.h"
#include "lb/observe/histogram.h"

/* XX(name): a fixed set, so that clients cannot make up labels. */
#define TRAFFIC_METHOD_MAP(XX)                                                                     \
    XX(GET)                                                                                        \
    XX(HEAD)                                                                                       \
    XX(POST)                                                                                       \
    XX(PUT)                                                                                        \
    XX(DELETE)                                                                                     \
    XX(CONNECT)                                                                                    \
    XX(OPTIONS)                                                                                    \
    XX(TRACE) XX(PATCH) XX(OTHER) /* any other one, and requests too malformed to have one */

enum traffic_method {
#define XX(name) TRAFFIC_##name,
    TRAFFIC_METHOD_MAP(XX)
#undef XX
        TRAFFIC_METHOD_COUNT
};

#define TRAFFIC_PAIR_COUNT 64u /* a power of two */

/* The errors that a backend can be blamed for: the last ones of ERR_MAP. */
#define TRAFFIC_FAILURE_FIRST ERR_REFUSED
#define TRAFFIC_FAILURE_COUNT (ERR_COUNT - TRAFFIC_FAILURE_FIRST)

struct traffic {
    /* Requests that ended, by method and status: which ones in the high bits of a word, how many
     * in the low ones. Few pairs ever occur, and backends, which choose the status, cannot make
     * it grow: what finds no place here is counted by its class. */
    counter64 pairs[TRAFFIC_PAIR_COUNT]; /* 0: a free place */
    counter64 others[6];                 /* status / 100 */
    /* From here on traffic_merge adds counter by counter. */
    struct histogram durations; /* without tunnels */
    counter64 ends[ERR_COUNT];  /* how requests and tunnels ended */
    counter64 request_body_bytes;
    counter64 response_body_bytes;
    counter64 attempt_count;
    counter64 reuse_count; /* requests answered over a connection that had served before */
    counter64 retry_count;
    counter64 retry_denied_count;  /* by the retry budget */
    counter64 mirror_sent_count;   /* copies of requests of other services */
    counter64 mirror_failed_count; /* of these, those that got no whole answer */
    counter64
        mirror_skipped_count;    /* that were not sent: nobody was there, or too many under way */
    counter64 mirror_answers[6]; /* status / 100 */
    counter64 sticky_miss_count; /* cookies that led to nobody who can be asked */
    counter64 connect_count;     /* connections to backends that were begun */
    counter64 open_count;        /* of these, those that there are */
    struct histogram connects;   /* those that succeeded */
    struct histogram holds;      /* how long requests waited that had to, for somebody to come */
    struct coarse_histogram queues;            /* the same for a place */
    counter64 failures[TRAFFIC_FAILURE_COUNT]; /* of attempts, whether retried or not */
    /* Up to here. */
    struct exemplars exemplars; /* of `durations` */
};

/* The class of a status, as an index (RFC 9110 § 15). */
static inline unsigned traffic_class(uint64_t status)
{
    return status < 600 ? (unsigned)status / 100 : 5;
}

/* The word for the label. */
const char *traffic_method_word(enum traffic_method method);

/* Counts a request that has ended. Status 0: no answer was sent. Thread: the worker. */
void traffic_count(struct traffic *traffic, struct view method, unsigned status);

/* What a pair that is not 0 says. */
static inline enum traffic_method traffic_method_of(uint64_t pair)
{
    return (enum traffic_method)(pair >> 60);
}

static inline unsigned traffic_status_of(uint64_t pair)
{
    return (unsigned)(pair >> 50) & 1023;
}

static inline uint64_t traffic_count_of(uint64_t pair)
{
    return pair & ((UINT64_C(1) << 50) - 1);
}

/* Adds all of `from` to `*sum`, which nobody else reads. Thread: any. */
void traffic_merge(struct traffic *sum, const struct traffic *from);

#endif
