/* Heads as they are passed on: runs of the original bytes, hop-by-hop lines cut out (RFC 9110
 * § 7.6.1), lb's own lines put in. All bytes were validated by the parser before. */
#ifndef LB_HTTP_FORWARD_H
#define LB_HTTP_FORWARD_H

#include "lb/base/block.h"
#include "lb/base/rng.h"
#include "lb/http/forwarded_for.h"
#include "lb/http/head.h"

#define FORWARD_MADE_ID_BYTES    32  /* length of an X-Request-Id that is made */
#define FORWARD_REQUEST_ID_BYTES 128 /* longest X-Request-Id that is kept */

struct forward_request {
    struct view client_ip;
    bool is_trusted;          /* what the client says of X-Forwarded-* and Forwarded is believed */
    struct trust trust;       /* who else is; asked only where the client is */
    bool omits_via;           /* nothing is added to Via */
    bool adds_forwarded;      /* Forwarded (RFC 7239) is written too */
    bool begins_traces;       /* where no valid traceparent came, a new one is written */
    struct view scheme;       /* "http" or "https", by which it came to lb */
    struct view lines;        /* whole ones of more fields for the backend; may be empty */
    struct view default_host; /* for an HTTP/1.0 request without Host */
    uint32_t instance;        /* of this lb, for Via */
    struct rng *rng;          /* for a request id that is made here */
};

enum forward_connection { FORWARD_PERSISTS, FORWARD_KEEP_ALIVE, FORWARD_CLOSE };

struct forward_response {
    bool is_chunked;                    /* the body goes out chunked */
    enum forward_connection connection; /* what the client is told; PERSISTS says nothing */
    struct view date;                   /* for a final answer that has none; empty: none is added */
};

/* Makes a request id of lower-case hex digits. */
void forward_make_request_id(struct rng *rng, char id[FORWARD_MADE_ID_BYTES]);

/* Room that forward_request needs at most. */
size_t forward_request_bound(const struct head *head, const struct forward_request *options);

/* What the log and lb's own answers need of a request that was forwarded: views into the head as it
 * was written, the first value of each field; empty where there is none. */
struct forwarded {
    struct view method;
    struct view target;
    struct view host;
    struct view user_agent;
    struct view referer;
    struct view accept;
    struct view forwarded_for;
    struct view scheme; /* by which the client came, as far as it is believed: X-Forwarded-Proto */
    struct view request_id;
    struct view trace_id; /* trace_context.h */
};

/* Appends the head for the backend to `out`, which has the room. Writes who asks (identity.h) in
 * place of what the client claims (claim.h), adds to Via, keeps a usable X-Request-Id or makes one.
 */
void forward_request(const struct head *head, const struct forward_request *options,
                     struct block *out, struct forwarded *forwarded);

/* Room that forward_response needs at most. */
size_t forward_response_bound(const struct head *head);

/* Appends the head for the client to `out`, which has the room. */
void forward_response(const struct head *head, const struct forward_response *options,
                      struct block *out);

#endif
