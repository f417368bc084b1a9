/* The answer to the HTTP request of a check, and what is thought of it. No input, no output. */
#ifndef LB_HEALTH_HTTP_ANSWER_H
#define LB_HEALTH_HTTP_ANSWER_H

#include "lb/contract/check.h"
#include "lb/health/finder.h"
#include "lb/health/verdict.h"
#include "lb/http/parser.h"

#define HTTP_ANSWER_BODY_MAX 65536u /* how far into the body the text is looked for */

struct http_answer {
    const struct check *check;
    struct parser parser;
    struct finder finder;
    size_t body_bytes;
    char problem[80]; /* of VERDICT_BAD */
};

/* For all of them. */
void http_answer_setup(struct parser_setup *setup);

/* Borrows both. */
void http_answer_init(struct http_answer *answer, const struct parser_setup *setup,
                      const struct check *check);
void http_answer_fini(struct http_answer *answer);

/* Takes what has come. Not after a verdict. */
enum verdict http_answer_take(struct http_answer *answer, struct view data);

/* Nothing more comes. Never VERDICT_OPEN. */
enum verdict http_answer_end(struct http_answer *answer);

#endif
