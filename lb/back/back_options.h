/* What the operator chose for backends' connections, of one worker. How each service is served, with
 * its deadlines, is its policy. */
#ifndef LB_BACK_BACK_OPTIONS_H
#define LB_BACK_BACK_OPTIONS_H

#include "lb/http/parser.h"

struct back_options {
    unsigned max_upstream_count; /* above it idle ones are closed; 0: no limit */
    struct parser_limits limits; /* of responses */
};

#endif
