/* What is known of a connection to an endpoint: for upstream.c and its parts. */
#ifndef LB_BACK_UPSTREAM_STATE_H
#define LB_BACK_UPSTREAM_STATE_H

#include "lb/back/fleet_state.h"
#include "lb/back/pressure.h"
#include "lb/http/parser.h"
#include "lb/net/stream.h"

enum upstream_state {
    UPSTREAM_CONNECTING,    /* deadline: connect, then what all of it may take at the most */
    UPSTREAM_SENDING,       /* the request is on its way; deadline: progress while bytes wait */
    UPSTREAM_AWAITING_HEAD, /* the request was sent; deadline: response head, with looks at the
                             * backend's side in between */
    UPSTREAM_RECEIVING,     /* deadline: body progress, unless paused */
    UPSTREAM_SWITCHED,      /* 101 came and nothing is read any more; deadline: as SENDING */
    UPSTREAM_LENT,          /* its stream is in other hands, which have its deadlines too */
    UPSTREAM_IDLE,          /* deadline: upstream idle, or a little before the backend's own */
    UPSTREAM_CLOSING,
};

/* Calls up. None comes after upstream_close, on_failed or on_response_end. */
struct upstream_handler {
    void (*on_ready)(void *owner);
    /* Connecting takes long, told again and again; it goes on. Only while it connects. */
    void (*on_slow)(void *owner);
    /* The upstream is closing. ERR_REFUSED and ERR_CONNECT_TIMEOUT: nothing was sent. */
    void (*on_failed)(void *owner, enum err err);
    /* A head; with a status below 200 another one follows. Borrowed. */
    void (*on_response)(void *owner, const struct head *head);
    /* 101: no more is read, what follows is in the protocol of its Upgrade. Borrowed. Close it, or
     * see upstream_lend. */
    void (*on_switched)(void *owner, const struct head *head);
    void (*on_body)(void *owner, struct view piece);
    /* After upstream_splice: body bytes came into the pipe. */
    void (*on_spliced)(void *owner);
    /* The bytes at hand are used up: send what was collected. */
    void (*on_flush)(void *owner);
    /* The response is complete, with these trailer lines; put the upstream to the cache or close
     * it. */
    void (*on_response_end)(void *owner, struct view trailers);
    void (*on_drained)(void *owner);
    /* A question: can the request be sent again, so that a paused backend need not be waited for?
     */
    bool (*may_be_replayed)(void *owner);
};

struct upstream {
    struct stream stream;
    struct deadline deadline;
    struct list node; /* for the list that its owner keeps it in */
    struct fleet *fleet;
    struct endpoint *endpoint; /* one reference */
    struct service_local *service; /* for which it was opened; in use */
    const struct upstream_handler *handler;
    void *owner;
    struct parser *parser; /* while a response is being read */
    struct block *unread;  /* what came behind a 101; NULL: nothing */
    size_t watched_bytes;
    uint64_t earlier_bytes;    /* of the requests before this one */
    size_t sent_bytes;         /* of this request, handed over */
    uint64_t idle_turn;        /* of the loop, in which it became idle */
    uint64_t unasked_turn;     /* what is read in it came before the request; 0: nothing can have */
    uint64_t waits_since_ms;   /* idle, by the loop's clock */
    unsigned connect_left_ms;  /* of all that it may take, after the step that is armed */
    unsigned response_left_ms; /* of the response's deadline, when a look was armed */
    enum upstream_state state;
    bool is_stream;            /* the answer may be quiet for long */
    bool is_slow;              /* on_slow was told */
    bool is_reused;            /* it has served a request before */
    bool is_persistent;        /* the last response left it usable */
    bool is_request_sent;      /* all of it was handed over */
    bool answers_head_request; /* the response will have no body */
    bool has_response_begun;
    /* The backend had ended the connection before it got any of the request. */
    bool is_unaccepted;
    struct pressure pressure; /* on the response */
};

#endif
