/* One look at a server: a TCP connect, or an HTTP/1.1 request with a verdict on its answer.
 * Attempts of one queue wait for each other, so that many servers do not mean many sockets. */
#ifndef LB_HEALTH_ATTEMPT_H
#define LB_HEALTH_ATTEMPT_H

#include "lb/base/check.h"
#include "lb/health/finder.h"
#include "lb/http/parser.h"
#include "lb/net/stream.h"

#define ATTEMPT_BODY_MAX 65536u /* how far into the body the text is looked for */

struct attempt_queue {
    struct loop *loop;
    struct parser_setup setup;
    struct list waiting; /* first come, first served */
    unsigned running_count;
    unsigned max_count;
};

enum attempt_state {
    ATTEMPT_IDLE,
    ATTEMPT_WAITING,    /* for its turn */
    ATTEMPT_CONNECTING, /* deadline: all of the attempt */
    ATTEMPT_ANSWERING,  /* the same deadline */
    ATTEMPT_CLOSING,
};

struct attempt {
    struct list node;
    struct attempt_queue *queue;
    struct address address;
    const struct check *check;
    enum attempt_state state;
    bool is_http;
    unsigned timeout_ms;
    struct stream stream;
    struct deadline deadline;
    struct parser *parser; /* while an answer is awaited */
    struct finder finder;
    size_t body_bytes;
    char problem[160]; /* "": it went well */
    /* Once for each start, not before attempt_start returns; nothing runs any more. */
    void (*on_done)(struct attempt *attempt);
};

/* At most `max_count` attempts run at the same time. */
void attempt_queue_init(struct attempt_queue *queue, struct loop *loop, unsigned max_count);

void attempt_init(struct attempt *attempt, struct attempt_queue *queue,
                  void (*on_done)(struct attempt *attempt));

/* Connects, and where `is_http` asks and judges, as `check` says; all within `timeout_ms` from the
 * attempt's turn. Copies the address, borrows `check` until on_done. */
void attempt_start(struct attempt *attempt, const struct address *address,
                   const struct check *check, bool is_http, unsigned timeout_ms);

/* Ends it. True: nothing runs and on_done does not come; false: it comes, soon. */
bool attempt_cancel(struct attempt *attempt);

#endif
