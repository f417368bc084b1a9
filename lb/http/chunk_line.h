/* The line before a chunk: which of its bytes are the size, and which an extension, to be left out
 * (RFC 9112 § 7.1.1: a recipient ignores extensions that it does not know). */
#ifndef LB_HTTP_CHUNK_LINE_H
#define LB_HTTP_CHUNK_LINE_H

#include <stdbool.h>

#include "lb/base/view.h"

enum chunk_line_state {
    CHUNK_LINE_SIZE,      /* where every chunk begins */
    CHUNK_LINE_SPACE,     /* before a semicolon */
    CHUNK_LINE_EXTENSION, /* up to the line end */
    CHUNK_LINE_OVER,
};

#define CHUNK_LINE_LEFT_OUT_MAX 4096u
#define CHUNK_LINE_ALLOWANCE    16u /* of its bytes are no overhead */

struct chunk_line {
    enum chunk_line_state state;
    bool has_size;
    size_t left_out; /* so far: spaces and extension */
};

/* At the next chunk. */
void chunk_line_reset(struct chunk_line *line);

/* Goes through `input`: its first `*size_len` bytes are digits of the size, and the next
 * `*left_out` bytes are to be skipped. Both are 0 where the line is over. False: it is malformed,
 * or more than CHUNK_LINE_LEFT_OUT_MAX bytes are to be skipped. */
bool chunk_line_read(struct chunk_line *line, struct view input, size_t *size_len,
                     size_t *left_out);

#endif
