/* What a parser told about a byte stream, as text that can be compared: one entry a message.
 *
 *     GET /a 1.1                 start line; " absolute AUTHORITY PATH" or " asterisk" may follow
 *      Host: x                   a field that is passed on
 *      -Connection: close        a field that is dropped
 *      length 5 close            framing; " close" without keep-alive, and " upgrade", " trailers",
 *                                " continue" for what a request wants or takes
 *     [hello]                    the body; trailer lines that are passed on follow as they are
 *     ERROR bad_request:chunk    instead of what would follow; bytes of that body are not shown
 *     CUT client_gone            the stream ended inside a message
 */
#ifndef TESTS_UNIT_HTTP_TRANSCRIPT_H
#define TESTS_UNIT_HTTP_TRANSCRIPT_H

#include "lb/base/text.h"
#include "lb/http/parser.h"

struct transcript_way {
    size_t first_bytes;        /* the first piece */
    size_t step_bytes;         /* and all further ones */
    bool answers_head_request; /* all responses answer HEAD */
};

/* Feeds `bytes` to a new parser, each piece in memory of its own that ends where the piece ends and
 * is gone before the next comes, then ends the stream. Appends to `out`. */
void transcript_append(struct text *out, const struct parser_setup *setup, struct view bytes,
                       const struct transcript_way *way);

/* True: `bytes` in one piece give `want`, and so do any two pieces and single bytes. Otherwise the
 * first difference is printed. */
bool transcript_is(const struct parser_setup *setup, struct view bytes, const char *want,
                   bool answers_head_request);

#endif
