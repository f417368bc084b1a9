/* The line in front of a chunk (RFC 9112 § 7.1). Its extension is dropped before llhttp sees it:
 * llhttp 8 refuses some that are right, such as "5;a=1;b=2". */
#ifndef LB_HTTP_CHUNK_LINE_H
#define LB_HTTP_CHUNK_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/view.h"

enum chunk_line_state {
    CHUNK_LINE_SIZE,
    CHUNK_LINE_AT_SEMICOLON,
    CHUNK_LINE_FIRST, /* the first byte of an extension is due */
    CHUNK_LINE_EXTENSION,
    CHUNK_LINE_OVER, /* everything is llhttp's, up to the end of the chunk */
};

/* Takes what is an extension off the front of `*input`. False: it is malformed. */
bool chunk_line_drop(enum chunk_line_state *state, struct view *input);

/* How many bytes at the front of `input` are for llhttp. */
size_t chunk_line_measure(enum chunk_line_state *state, struct view input);

#endif
