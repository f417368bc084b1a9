/* A connection to an endpoint that speaks HTTP/1: for h1_upstream.c and its parts. */
#ifndef LB_BACK_H1_UPSTREAM_STATE_H
#define LB_BACK_H1_UPSTREAM_STATE_H

#include "lb/back/back.h"
#include "lb/http/parsers.h"

enum h1_upstream_state {
    H1_UPSTREAM_CONNECTING,    /* deadline: connect, then what all of it may take at the most */
    H1_UPSTREAM_SENDING,       /* the request is on its way; deadline: progress while bytes wait */
    H1_UPSTREAM_AWAITING_HEAD, /* the request was sent; deadline: response head, with looks at the
                             * backend's side in between */
    H1_UPSTREAM_RECEIVING,     /* deadline: body progress, unless paused */
    H1_UPSTREAM_SWITCHED,      /* 101 came before the request's end; deadline: as SENDING */
    H1_UPSTREAM_LENT,          /* its stream is in other hands, which have its deadlines too */
    H1_UPSTREAM_IDLE,          /* deadline: upstream idle, or a little before the backend's own */
    H1_UPSTREAM_CLOSING,
};

struct h1_upstream {
    struct stream stream;
    struct deadline deadline;
    struct list node; /* for the list that its owner keeps it in */
    struct back back;
    struct tls_client *client; /* by which it speaks TLS: a reference; NULL: it is plain */
    struct parser *parser;     /* while a response is being read */
    size_t watched_bytes;
    uint64_t earlier_bytes;    /* of the requests before this one */
    size_t sent_bytes;         /* of this request, handed over */
    uint64_t idle_turn;        /* of the loop, in which it became idle */
    uint64_t unasked_turn;     /* what is read in it came before the request; 0: nothing can have */
    uint64_t waits_since_ms;   /* idle, or for an answer, by the loop's clock */
    unsigned connect_left_ms;  /* of all that it may take, after the step that is armed */
    unsigned send_left_ms;     /* the same of a request that is not taken */
    unsigned response_left_ms; /* of the response's deadline, when a look was armed */
    enum h1_upstream_state state;
    bool has_place;            /* that is to be given back, see lb/policy/admit.h */
    bool is_stream;            /* the answer may be quiet for long */
    bool is_slow;              /* on_slow was told */
    bool is_reused;            /* it has served a request before */
    bool is_persistent;        /* the last response left it usable */
    bool answers_head_request; /* the response will have no body */
    bool has_response_begun;
    bool has_ended; /* it shut its sending side behind a 101 */
};

/* h1_upstream.c's. */
extern const struct stream_handler h1_upstream_stream_handler;

static inline struct h1_upstream *h1_upstream_of(struct back *back)
{
    return list_entry(back, struct h1_upstream, back);
}

static inline struct loop *h1_upstream_loop(const struct h1_upstream *upstream)
{
    return upstream->back.fleet->loop;
}

#endif
