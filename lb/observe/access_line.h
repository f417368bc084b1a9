/* A record as one line of the access log. Whatever bytes a record holds, a line has no line break
 * but the one at its end, is valid UTF-8, has no control character (but colours of our own), and is shorter than 16 KiB:
 * Docker's log drivers cut longer lines in pieces. Long URLs, agents and names are cut instead. */
#ifndef LB_OBSERVE_ACCESS_LINE_H
#define LB_OBSERVE_ACCESS_LINE_H

#include "lb/observe/access_format.h"

#define ACCESS_LINE_BYTES 16384

/* Of one worker. */
struct access_line {
    const struct access_format *format; /* borrowed */
    struct stamp stamp;
};

/* Writes the line with its "\n" and gives its length, at most ACCESS_LINE_BYTES - 1. */
size_t access_line_write(struct access_line *access, const struct record *record,
                         char out[ACCESS_LINE_BYTES]);

#endif
