/* What is known of a running exchange: for exchange.c and its parts. */
#ifndef LB_PROXY_EXCHANGE_STATE_H
#define LB_PROXY_EXCHANGE_STATE_H

#include "lb/proxy/attempt.h"
#include "lb/proxy/bulk.h"
#include "lb/proxy/client.h"
#include "lb/proxy/hold.h"
#include "lb/proxy/replay.h"

enum exchange_state { EXCHANGE_HELD, EXCHANGE_CONNECTING, EXCHANGE_RELAYING };

struct exchange {
    struct env *env;
    struct client *client;
    struct attempt attempt;
    enum exchange_state state;
    struct hold *hold; /* NULL: it never had to wait for an endpoint */

    struct block *request_head; /* as it is sent, kept to the end */
    struct view method;         /* inside request_head */
    struct view request_id;     /* inside request_head */
    struct replay replay;
    struct block *response_head; /* while it is collected */
    struct bulk bulk;

    unsigned status; /* that the client gets; 0: none yet */
    uint64_t request_body_bytes;
    uint64_t response_body_bytes;
    uint64_t started_ns;    /* monotonic clock, as the next */
    uint64_t first_byte_ns; /* when the final response's head was there; 0: never */

    bool is_head_request;
    bool is_http10_client;
    bool wants_keep_alive; /* the client does */
    bool is_request_chunked;
    bool is_request_complete; /* read from the client */
    bool is_head_sent;
    bool has_answered;        /* bytes of the final response went to the client */
    bool is_response_chunked; /* as the client gets it */
    bool is_response_framed;  /* by chunks or a length: the client sees what is missing */
    bool persists;            /* the client's connection, after the response */
    bool wants_upgrade;       /* 101 is a fair answer */
    bool is_tunnel;           /* 101 was the answer: bytes go both ways */
    bool has_backend_ended;   /* a tunnel's backend has shut its sending side */
};

#endif
