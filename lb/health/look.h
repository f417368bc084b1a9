/* One look at a server: a TCP connect, or an HTTP/1.1 request with a verdict on its answer.
 * Looks of one queue wait for each other, so that many servers do not mean many sockets. */
#ifndef LB_HEALTH_LOOK_H
#define LB_HEALTH_LOOK_H

#include "lb/contract/check.h"
#include "lb/health/finder.h"
#include "lb/http/parser.h"
#include "lb/net/stream.h"
#include "lb/policy/admit.h"

#define LOOK_BODY_MAX 65536u /* how far into the body the text is looked for */

struct look_queue {
    struct loop *loop;
    struct parser_setup setup;
    struct list waiting; /* first come, first served */
    unsigned running_count;
    unsigned max_count;
    struct admit_office *office; /* of the workers; NULL: looks need no places */
    /* A look could not begin for a fault of lb's own; a negative libuv error. NULL: nobody wants to
     * know. */
    void (*on_own_fault)(int status);
};

enum look_state {
    LOOK_IDLE,
    LOOK_WAITING,    /* for its turn */
    LOOK_CONNECTING, /* deadline: all of the look */
    LOOK_ANSWERING,  /* the same deadline */
    LOOK_CLOSING,
};

struct look {
    struct list node;
    struct look_queue *queue;
    struct address address;
    const struct check *check;
    enum look_state state;
    bool is_http;
    unsigned timeout_ms;
    struct stream stream;
    struct deadline deadline;
    struct parser *parser; /* while an answer is awaited */
    struct finder finder;
    size_t body_bytes;
    struct endpoint *place; /* of which it holds one, a reference; NULL: it holds none */
    bool is_extended;       /* lb itself was late */
    char problem[160];      /* "": it went well */
    bool is_own_fault;      /* the problem is lb's, and says nothing of the server */
    /* Once for each start, not before look_start returns; nothing runs any more. */
    void (*on_done)(struct look *look);
};

/* At most `max_count` looks run at the same time. */
void look_queue_init(struct look_queue *queue, struct loop *loop, unsigned max_count);

void look_init(struct look *look, struct look_queue *queue, void (*on_done)(struct look *look));

/* Takes a place of the endpoint, where that has a limit, for the look that is to be started: it is given
 * back once that is over. False: all are taken; `*is_soon`: one is, as an idle connection was asked for. */
bool look_admit(struct look *look, struct endpoint *endpoint, bool *is_soon);

/* Connects to the address, or to the port that `check` names instead, and where `is_http` asks and
 * judges, as `check` says; all within `timeout_ms` from the look's turn, or once more from when
 * something came that lb was late to hear. Copies the address, borrows `check` until on_done. */
void look_start(struct look *look, const struct address *address, const struct check *check,
                bool is_http, unsigned timeout_ms);

/* Ends it. True: nothing runs and on_done does not come; false: it comes, soon. */
bool look_cancel(struct look *look);

#endif
