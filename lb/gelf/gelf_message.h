/* One log line as a GELF 1.1 message: a JSON object that has the whole line as its "short_message", as Docker's gelf
 * driver has it, so that one pipeline reads both. Pure.
 *
 * "timestamp" and "level" are the line's own where it is JSON and tells them, else now and 6; "_logger" as well, else
 * it is left out. What is no UTF-8 becomes U+FFFD. A line above GELF_MESSAGE_LINE_BYTES is cut and ends with "…"
 * (Docker's driver makes several of it; lb's are shorter): so each message fits into 128 chunks, whatever it is. */
#ifndef LB_GELF_GELF_MESSAGE_H
#define LB_GELF_GELF_MESSAGE_H

#include "lb/base/text.h"

#define GELF_MESSAGE_LINE_BYTES 16384u

/* Who says it. Texts are borrowed; NULL: not known, but for `host`. */
struct gelf_message_origin {
    const char *host, *tag, *container_name, *container_id;
};

/* Appends the message of a line, which has no newline any more. */
void gelf_message_put(struct text *out, const struct gelf_message_origin *origin, struct view line,
                      uint64_t now_wall_ns);

#endif
