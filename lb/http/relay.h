/* One direction of a message on its way out: collects the head and the pieces of body that one read
 * brought, frames them, and hands all of it out as one vectored write. Knows neither side. Nothing
 * is copied: the pieces must stay until they were written and relay_reset was called. */
#ifndef LB_HTTP_RELAY_H
#define LB_HTTP_RELAY_H

#include <stdbool.h>
#include <sys/uio.h>

#include "lb/base/view.h"

#define RELAY_PIECES_MAX 48

struct relay {
    struct view head;
    bool is_chunked;
    bool is_ended;
    unsigned body_count;
    size_t body_bytes;
    char chunk_line[20];
    struct iovec body[RELAY_PIECES_MAX];
    struct view trailers;
    /* head, its new end, chunk line, body, chunk end, last chunk, trailers, end */
    struct iovec pieces[RELAY_PIECES_MAX + 7];
};

/* Empty again. */
void relay_reset(struct relay *relay);

/* What goes out before the body. */
void relay_head(struct relay *relay, struct view head);

/* Adds a piece of body, framed as a chunk or plain. False: it is full, write it first. */
bool relay_body(struct relay *relay, struct view piece, bool is_chunked);

/* The message is complete: a chunked body gets its last chunk with these trailer lines. */
void relay_end(struct relay *relay, bool is_chunked, struct view trailers);

/* Everything collected, in order: `relay->pieces`, and how many of them. */
unsigned relay_pieces(struct relay *relay);

/* Of `count` pieces, the first of which is a head: its last `cut_bytes` become `end`, a piece of its own.
 * Gives how many there are now. */
unsigned relay_end_head(struct relay *relay, unsigned count, size_t cut_bytes, struct view end)
    __attribute__((cold));

#endif
