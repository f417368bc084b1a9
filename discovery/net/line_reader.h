/* Cuts a stream of bytes into lines, however the bytes arrive. */
#ifndef DISCOVERY_NET_LINE_READER_H
#define DISCOVERY_NET_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/text.h"

struct line_reader {
    size_t max_bytes;     /* of one line without its LF */
    struct text carry;    /* the beginning of a line whose end has not come yet */
    bool carry_given;     /* carry is a whole line that the caller borrows */
    bool is_skipping;     /* in a line that is longer than allowed; it is passed over */
    size_t skipped_count; /* of those */
    struct view rest;     /* borrowed from the last line_reader_feed() */
};

void line_reader_init(struct line_reader *reader, size_t max_bytes);
void line_reader_fini(struct line_reader *reader);

/* Hands in the next bytes. Borrows them until line_reader_next() gave false. */
void line_reader_feed(struct line_reader *reader, struct view bytes);

/* The next whole line without LF or CRLF; empty lines are left out. Borrowed until the next call.
 * Lines that are too long are left out, too, and counted. Gives false when more bytes are needed.
 */
bool line_reader_next(struct line_reader *reader, struct view *line);

#endif
