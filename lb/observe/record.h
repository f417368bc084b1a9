/* The facts of one finished request, tunnel, connection or flow, filled once at its end: what the
 * counters and the access log are made of. Views are borrowed for the call; an empty one is unknown. */
#ifndef LB_OBSERVE_RECORD_H
#define LB_OBSERVE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/err.h"
#include "lb/base/view.h"

#define RECORD_NEVER UINT64_MAX /* a duration of what did not happen */

/* What it was that ended. */
enum record_kind {
    RECORD_REQUEST,
    RECORD_TUNNEL,     /* a connection that a request has switched */
    RECORD_CONNECTION, /* of a TCP listener */
    RECORD_FLOW,       /* of a UDP listener */
};

struct record {
    enum record_kind kind;
    enum err end;
    unsigned status;              /* that the client got; 0: none */
    unsigned attempt_count;       /* connections tried, reused ones included */
    unsigned replay_count;        /* times the request was sent again */
    uint64_t retried_after;       /* bit 1 << err for each failure that another attempt followed */
    uint64_t request_body_bytes;  /* of a connection or a flow: all that came from the client */
    uint64_t response_body_bytes; /* and all that went to it */
    uint64_t request_datagram_count; /* of a flow */
    uint64_t response_datagram_count;
    bool is_reused; /* the last attempt used a connection that had served before */

    /* By the clocks as they stood when the loop woke for it (loop.h). */
    uint64_t start_wall_ns; /* when the head was complete; the connection or the flow was begun */
    uint64_t total_ns;      /* since then, as all durations below */
    uint64_t queue_ns;      /* until the last attempt began; RECORD_NEVER: there was none */
    uint64_t hold_ns;       /* of it, how long it waited because nobody was there */
    uint64_t busy_ns;       /* and because all were at their limit */
    uint64_t connect_ns;    /* how long that attempt connected; 0 where reused */
    uint64_t first_byte_ns; /* until the first byte of its response */

    struct view request_id;
    struct view trace_id; /* W3C Trace Context: 32 hexadecimal digits; empty: there is none */
    struct view method;
    struct view target; /* as it was forwarded */
    struct view host;   /* of a connection: the server name that it was asked for */
    struct view user_agent;
    struct view referrer;
    unsigned minor_version;     /* of HTTP/1 */
    struct view client_ip;      /* behind trusted proxies; an IP address */
    struct view client_address; /* what such a proxy said instead of an IP address, or around it */
    struct view peer_ip;        /* who connected */
    uint16_t peer_port;

    struct view scheme; /* of a request: by which the client came, as far as that is believed */
    /* "1.3", of the client's connection to lb. Empty: it is plain, and so are the next ones. */
    struct view tls_version;
    struct view tls_cipher;
    struct view tls_client_subject; /* of its certificate; empty: it has shown none */
    bool is_tls_resumed;

    struct view listener; /* "ip:port" of a connection or a flow */

    struct view route;         /* by which it went */
    struct view service;       /* empty: it went to none */
    struct view endpoint_name; /* of the last attempt */
    struct view endpoint_id;
    struct view endpoint_own_id;  /* of the port, where that of its container is not enough */
    struct view endpoint_address; /* "ip:port" */
};

/* Whether it is no request, and none became of it: bytes or datagrams that were passed on as they came. */
static inline bool record_is_passing(const struct record *record)
{
    return record->kind == RECORD_CONNECTION || record->kind == RECORD_FLOW;
}

#endif
