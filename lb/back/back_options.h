/* What the operator chose for backends' connections, of one worker. A time of 0 has no end. */
#ifndef LB_BACK_BACK_OPTIONS_H
#define LB_BACK_BACK_OPTIONS_H

#include "lb/http/parser.h"
#include "lb/policy/outlier.h"

struct back_options {
    unsigned connect_timeout_ms;      /* to private addresses */
    unsigned far_connect_timeout_ms;  /* to all others */
    unsigned last_connect_timeout_ms; /* it is given up; after the others another one is tried */
    unsigned response_timeout_ms;
    unsigned body_timeout_ms;
    unsigned stream_timeout_ms;
    unsigned upstream_idle_timeout_ms;
    unsigned max_upstream_count; /* above it idle ones are closed; 0: no limit */
    struct parser_limits limits; /* of responses */
    struct outlier_rules outlier;
};

#endif
