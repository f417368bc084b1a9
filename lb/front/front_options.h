/* What the operator chose for clients' connections, of one worker. A time of 0 has no end. */
#ifndef LB_FRONT_FRONT_OPTIONS_H
#define LB_FRONT_FRONT_OPTIONS_H

#include "lb/http/forwarded_for.h"
#include "lb/http/parser.h"
#include "lb/policy/quota.h"

struct front_options {
    unsigned head_timeout_ms;
    unsigned idle_timeout_ms;
    unsigned body_timeout_ms;
    unsigned max_request_count;    /* on one connection; 0: no limit */
    unsigned handshake_timeout_ms; /* of TLS */
    unsigned max_handshake_count;  /* of these at a time */
    unsigned max_client_count;
    unsigned max_refused_count;  /* clients above it that get an answer at the same time */
    struct trust trust;          /* proxies in front of lb; borrowed until there are others */
    struct trust prefaced;       /* peers that begin with a PROXY header; likewise */
    struct quota *quota;         /* connections by client address, of all workers; NULL: no limit */
    struct parser_limits limits; /* of requests */
};

#endif
