/* The start line of a message, with the empty lines before it: methods are any token (RFC 9110
 * § 9.1) and llhttp knows only some, so start lines are read here. */
#ifndef LB_HTTP_START_LINE_H
#define LB_HTTP_START_LINE_H

#include "lb/base/err.h"
#include "lb/http/head.h"

struct start_line {
    uint32_t len;  /* with the empty lines before it; 0: it is not complete yet */
    bool is_begun; /* there is more than empty lines */
};

/* Parses the start line at the front of `bytes` into `head`. `max_target_bytes`: of a request; 0:
 * no limit. Fails: the word for a request. Borrows the bytes. */
enum err start_line_parse(struct head *head, bool is_request, uint32_t max_target_bytes,
                          struct view bytes, struct start_line *out);

/* Parses "METHOD SP target SP HTTP/1.x" without its line end into `head` (RFC 9112 § 3).
 * Fails: ERR_START_LINE, ERR_VERSION, ERR_TARGET, ERR_METHOD. Borrows the line. */
enum err start_line_parse_request(struct head *head, struct view line);

/* Parses "HTTP/1.x SP 3DIGIT [SP reason]" (RFC 9112 § 4). Fails: ERR_UPSTREAM_INVALID. */
enum err start_line_parse_status(struct head *head, struct view line);

#endif
