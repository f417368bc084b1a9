/* One look at a server: a TCP connect, a datagram, an HTTP/1.1 request, or what else its protocol begins
 * with, and a verdict on the answer. Looks of one queue wait for each other, so that many
 * servers do not mean many sockets. */
#ifndef LB_HEALTH_LOOK_H
#define LB_HEALTH_LOOK_H

#include "lb/contract/check.h"
#include "lb/health/http_answer.h"
#include "lb/health/talk.h"
#include "lb/net/stream.h"
#include "lb/net/udp_probe.h"
#include "lb/policy/admit.h"
#include "lb/policy/backend_tls.h"

/* After so long nobody has refused a datagram to which no answer is wanted. */
#define LOOK_REFUSAL_MS 250u

struct look_queue {
    struct loop *loop;
    struct parser_setup setup;
    struct list waiting; /* first come, first served */
    unsigned running_count;
    unsigned max_count;
    struct admit_office *office; /* of the workers; NULL: looks need no places */
    struct backend_tls *tls;     /* borrowed; NULL: nothing is asked over TLS */
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
    enum check_mode mode; /* of what is done */
    unsigned
        proxy_version; /* enum proxy_version: of the header that goes first; its owner's to set */
    unsigned timeout_ms;
    struct tls_client *client; /* by which it is asked over TLS: a reference; NULL: plainly */
    union {
        struct stream stream;
        struct udp_probe probe;
    } by;
    struct deadline deadline;
    /* while an answer is awaited, one of these */
    struct http_answer *http;
    struct talk *talk;
    struct endpoint *place; /* of which it holds one, a reference; NULL: it holds none */
    bool is_extended;       /* lb itself was late */
    char problem[160];      /* "": it went well */
    char refusal[160];      /* why nobody there can be trusted, whatever is answered; "": it can */
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

/* The look that is to be started goes to that endpoint, over TLS where requests of its service would: see
 * question_is_by_tls. */
void look_secure(struct look *look, const struct endpoint *endpoint, const struct check *check,
                 enum check_mode mode);

/* Whether the look that runs asks by what its service said before, and another certificate is wanted now. */
bool look_is_outdated(const struct look *look, const struct endpoint *endpoint);

/* Asks at the address, or at the port that `check` names instead, what `mode` says (not CHECK_AUTO, not
 * CHECK_OFF) and judges as `check` says; all within `timeout_ms` from the look's turn, or once more from
 * when something came that lb was late to hear. Copies the address, borrows `check` until on_done. */
void look_start(struct look *look, const struct address *address, const struct check *check,
                enum check_mode mode, unsigned timeout_ms);

/* Ends it. True: nothing runs and on_done does not come; false: it comes, soon. */
bool look_cancel(struct look *look);

#endif
