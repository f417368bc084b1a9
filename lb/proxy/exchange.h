/* One request and its answer: the only file that knows both the client and the upstream.
 *
 *   CONNECTING → RELAYING → over; a failure before the response's first byte may lead back to
 *   CONNECTING, with another endpoint.
 */
#ifndef LB_PROXY_EXCHANGE_H
#define LB_PROXY_EXCHANGE_H

#include "lb/observe/record.h"
#include "lb/policy/balance.h"
#include "lb/proxy/client.h"
#include "lb/proxy/replay.h"
#include "lb/proxy/upstream.h"

enum exchange_state { EXCHANGE_CONNECTING, EXCHANGE_RELAYING };

struct exchange {
    struct env *env;
    struct client *client;     /* NULL once it is gone */
    struct upstream *upstream; /* NULL between attempts */
    struct endpoint *endpoint; /* of the running attempt, one reference; else NULL */
    struct balance_tried tried;
    enum exchange_state state;

    struct block *request_head; /* as it is sent, kept to the end */
    struct view method;         /* inside request_head */
    struct view request_id;     /* inside request_head */
    struct replay replay;
    struct block *response_head; /* while it is collected */

    bool is_head_request;
    bool is_http10_client;
    bool wants_keep_alive; /* the client does */
    bool is_request_chunked;
    bool is_request_complete; /* read from the client */
    bool is_head_sent;
    bool was_sent;            /* bytes of the running attempt may have reached the backend */
    bool has_answered;        /* bytes of the final response went to the client */
    bool is_response_chunked; /* as the client gets it */
    bool persists;            /* the client's connection, after the response */
    bool wants_upgrade;       /* 101 is a fair answer */
    bool is_tunnel;           /* 101 was the answer: bytes go both ways */
    bool has_backend_ended;   /* a tunnel's backend has shut its sending side */
    bool wants_fresh;         /* the next attempt takes no idle connection */

    struct record record;
};

/* What clients call. */
extern const struct client_handler exchange_client_handler;

#endif
