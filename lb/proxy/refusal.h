/* Answers of lb's own to one who asks. */
#ifndef LB_PROXY_REFUSAL_H
#define LB_PROXY_REFUSAL_H

#include "lb/front/front.h"
#include "lb/http/answer.h"
#include "lb/proxy/env.h"

struct refusal {
    enum err err;
    struct view request_id;
    bool is_to_head;                /* the request was HEAD */
    struct view accept;             /* the request's Accept field; may be empty */
    struct view location;           /* of a redirect, else empty */
    unsigned retry_after_s;         /* of a 503; 0: a second */
    const struct answer_page *page; /* what it says, whatever there are; NULL: see the next */
    struct view pages;              /* the folder that its route names; may be empty */
    struct view lines;              /* whole ones of more fields; may be empty */
};

/* How a well-formed request ends that lb answers by itself, whatever its route; ERR_OK: it is to be
 * forwarded. */
enum err refusal_find(const struct env *env, const struct head *head);

/* Writes the answer; a 503 asks to come back in a second. The front is still to be finished, or
 * after STREAM_BROKEN aborted. */
enum stream_written refusal_write(struct front *front, const struct refusal *refusal);

/* Answers and reports what was no request, and finishes or aborts the front. */
void refusal_of_bad_request(struct front *front, enum err err);

#endif
