/* Answers that lb gives by itself: errors to clients, and the admin listener's. */
#ifndef LB_HTTP_ANSWER_H
#define LB_HTTP_ANSWER_H

#include "lb/base/block.h"
#include "lb/base/err.h"

#define ANSWER_ERROR_BYTES                                                                         \
    1024 /* room that answer_error needs at most, beside page, location and lines */

/* A body that the operator wrote. */
struct answer_page {
    unsigned status;
    const char *content_type;
    struct view body;
};

struct answer_error {
    enum err err;
    struct view date;               /* the value of Date; may be empty */
    struct view request_id;         /* at most FORWARD_REQUEST_ID_BYTES; may be empty */
    bool is_to_head;                /* the request was HEAD: no body */
    bool closes;                    /* the connection ends after it */
    bool wants_json;                /* what answer_wants_json said */
    unsigned retry_after_s;         /* for a 503, else 0 */
    struct view location;           /* for a redirect, else empty */
    struct view lines;              /* whole ones of more fields; may be empty */
    const struct answer_page *page; /* sent in place of lb's own sentence; NULL: none */
};

/* Whether a client with this Accept field is a program that reads JSON (RFC 9110 § 12.5.1, without
 * weights: a browser also names text/html). */
bool answer_wants_json(struct view accept);

/* Room that answer_error needs at most. */
size_t answer_error_bound(const struct answer_error *answer);

/* Appends a whole response with a short body, plain text or JSON, to `out`, which has the room. */
void answer_error(const struct answer_error *answer, struct block *out);

/* The reason phrase of a status that lb sends by itself (RFC 9110 § 15); "" for others. */
const char *answer_reason(int status);

#endif
