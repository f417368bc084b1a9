/* Writes heads of HTTP/1.1, the one place that does: start line, field lines, empty line. What
 * stands in them others decide. The room is the caller's, who has made sure of it. */
#ifndef LB_HTTP_HEAD_WRITER_H
#define LB_HTTP_HEAD_WRITER_H

#include <stdint.h>

#include "lb/base/block.h"
#include "lb/base/bounds.h"
#include "lb/base/text.h"

/* What fixed parts may take: start line without target and reason, one field line without name and
 * value. */
#define HEAD_WRITER_LINE_BYTES 32

struct head_writer {
    char *at;
    const char *end;
};

/* Appends to `block`, which has the room, until head_writer_end. Borrows it. */
static inline struct head_writer head_writer_in(struct block *block)
{
    return (struct head_writer){block->bytes + block->len, block->bytes + block->capacity};
}

/* Appends up to `room` bytes to `text` until head_writer_end_text. Borrows it. */
struct head_writer head_writer_in_text(struct text *text, size_t room);

/* Bytes of a value, or of several lines as they came. */
static inline void head_writer_put(struct head_writer *writer, struct view bytes)
{
    bounds_hold((size_t)(writer->end - writer->at) >= bytes.len);
    memcpy(writer->at, bytes.ptr, bytes.len);
    writer->at += bytes.len;
}

/* The value follows, then head_writer_end_line. */
static inline void head_writer_name(struct head_writer *writer, struct view name)
{
    head_writer_put(writer, name);
    head_writer_put(writer, VIEW(": "));
}

static inline void head_writer_end_line(struct head_writer *writer)
{
    head_writer_put(writer, VIEW("\r\n"));
}

static inline void head_writer_field(struct head_writer *writer, struct view name,
                                     struct view value)
{
    head_writer_name(writer, name);
    head_writer_put(writer, value);
    head_writer_end_line(writer);
}

void head_writer_field_u64(struct head_writer *writer, struct view name, uint64_t value);

/* `prefix` and `target` are one. */
void head_writer_request_line(struct head_writer *writer, struct view method, struct view prefix,
                              struct view target);

/* `status` has three digits. */
void head_writer_status_line(struct head_writer *writer, unsigned status, struct view reason);

/* The empty line; the block has all of it now. */
static inline void head_writer_end(struct head_writer *writer, struct block *block)
{
    head_writer_end_line(writer);
    block->len = (size_t)(writer->at - block->bytes);
}

void head_writer_end_text(struct head_writer *writer, struct text *text);

#endif
