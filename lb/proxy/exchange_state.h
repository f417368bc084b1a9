/* What is known of a running exchange: for exchange.c and its parts. */
#ifndef LB_PROXY_EXCHANGE_STATE_H
#define LB_PROXY_EXCHANGE_STATE_H

#include "lb/front/front.h"
#include "lb/http/forward.h"
#include "lb/proxy/attempt.h"
#include "lb/proxy/bulk.h"
#include "lb/proxy/hold.h"
#include "lb/proxy/queue.h"
#include "lb/proxy/tunnel.h"

/* Of the running attempt. Whoever is waited for has the deadline. */
enum exchange_state {
    EXCHANGE_SIGNING_IN, /* it is not known yet who it is; deadline: the sign-in's */
    EXCHANGE_HELD, /* for somebody to come, or to have a place; deadline: the hold's or queue's */
    EXCHANGE_CONNECTING, /* deadline: the upstream's */
    EXCHANGE_RELAYING,   /* deadlines: the upstream's, and the client's while its body is to come */
    EXCHANGE_TUNNELLING, /* 101 was the answer and all of the request is sent; the tunnel's */
};

/* How far the request is: another attempt goes back from SENT to READ. */
enum request_stage {
    REQUEST_COMING, /* more of it is to come from the client */
    REQUEST_READ,   /* all of it has come */
    REQUEST_SENT,   /* all of it was handed to the upstream */
};

/* How far the answer is: another attempt goes back from HEAD to NONE. */
enum answer_stage {
    ANSWER_NONE,
    ANSWER_HEAD,     /* the final head is here; nothing of it has gone to the client */
    ANSWER_BEGUN,    /* bytes of it went to the client */
    ANSWER_SWITCHED, /* it was 101, and the client has it */
};

/* What is decided once, when the request comes, but for the last six. */
enum exchange_fact {
    EXCHANGE_TO_HEAD = 1,        /* the request is HEAD */
    EXCHANGE_FROM_HTTP10 = 2,    /* of the client */
    EXCHANGE_WANTS_UPGRADE = 4,  /* 101 is a fair answer */
    EXCHANGE_NAMES_NO_HOST = 8,  /* as HTTP/1.0 may; the backend gets a Host all the same */
    EXCHANGE_IS_STICKY = 16,     /* it went to a sticky service at its latest try … */
    EXCHANGE_HAS_SEAT = 32,      /* … and there to the endpoint of its cookie */
    EXCHANGE_IS_COUNTED = 64,    /* its client's rate knows of it: it does so once */
    EXCHANGE_IS_SIGNED_IN = 128, /* by name and password, as its route asked */
    EXCHANGE_IS_MIRRORED = 256,  /* it was considered for a copy: that is so once */
    EXCHANGE_IS_NOTABLE = 1024,  /* it failed, or was retried: that is told, however long it took */
    EXCHANGE_WENT_ASIDE = 512,   /* else `hold`, `queue`, `sign_in` and `told` are NULL */
};

struct exchange {
    struct env *env;
    struct front *front;
    struct attempt attempt;
    enum exchange_state state;
    enum request_stage request;
    enum answer_stage answer;
    unsigned facts;           /* enum exchange_fact */
    struct hold *hold;        /* NULL: it never had to wait for an endpoint */
    struct queue_wait *queue; /* NULL: it never had to wait for a place */
    struct sign_in *sign_in;  /* SIGNING_IN only, else NULL */
    struct tunnel *tunnel;    /* TUNNELLING only, else NULL */

    struct back_request outgoing;
    struct block *asked; /* the head before lb has changed something in it; NULL: nothing was */
    struct bulk bulk;

    struct block *told; /* by telling.h; NULL: nothing */

    const struct rule *rule;     /* that it went by; NULL: none */
    struct table_use *rule_kept; /* with its table */
    uint32_t shares_tried;       /* of the rule's, by bit: those whose service lost the request */

    unsigned status; /* that the client gets; 0: none yet */
    uint64_t request_body_bytes;
    uint64_t response_body_bytes;
    uint64_t started_ns;    /* monotonic clock, as the next */
    uint64_t first_byte_ns; /* when the final response's head was there; 0: never */

    /* What outgoing.head says, or `asked` did; views into it. Here as it is the one thing that whoever
     * writes the head fills in, and all before it is zeroed. */
    struct forwarded forwarded;
};

static inline bool exchange_is(const struct exchange *exchange, enum exchange_fact fact)
{
    return exchange->facts & fact;
}

/* What its route asks for; NULL: nothing. */
static inline const struct treatment *exchange_treatment(const struct exchange *exchange)
{
    return exchange->attempt.treatment;
}

/* The one place where the state changes. */
static inline void exchange_enter(struct exchange *exchange, enum exchange_state state)
{
    exchange->state = state;
    if (state != EXCHANGE_CONNECTING)
        return;
    back_request_begin(&exchange->outgoing);
    if (exchange->request == REQUEST_SENT)
        exchange->request = REQUEST_READ;
}

/* Bytes of an answer that is not lb's own went to the client. */
static inline bool exchange_has_answered(const struct exchange *exchange)
{
    return exchange->answer >= ANSWER_BEGUN;
}

#endif
