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

/* There is room for so many bytes more. */
static inline void head_writer_need(const struct head_writer *writer, size_t len)
{
    bounds_hold((size_t)(writer->end - writer->at) >= len);
}

/* After head_writer_need: for what is put together here. */
static inline void head_writer_add(struct head_writer *writer, struct view bytes)
{
    memcpy(writer->at, bytes.ptr, bytes.len);
    writer->at += bytes.len;
}

/* Bytes of a value, or of several lines as they came. */
static inline void head_writer_put(struct head_writer *writer, struct view bytes)
{
    head_writer_need(writer, bytes.len);
    head_writer_add(writer, bytes);
}

/* The value follows, then head_writer_end_line. */
static inline void head_writer_name(struct head_writer *writer, struct view name)
{
    head_writer_need(writer, name.len + 2);
    head_writer_add(writer, name);
    head_writer_add(writer, VIEW(": "));
}

static inline void head_writer_end_line(struct head_writer *writer)
{
    head_writer_put(writer, VIEW("\r\n"));
}

/* A whole line. Gives its value, as it stands there. */
static inline struct view head_writer_field(struct head_writer *writer, struct view name,
                                            struct view value)
{
    head_writer_need(writer, name.len + value.len + 4);
    head_writer_add(writer, name);
    head_writer_add(writer, VIEW(": "));
    const char *at = writer->at;
    head_writer_add(writer, value);
    head_writer_add(writer, VIEW("\r\n"));
    return view_of(at, value.len);
}

void head_writer_field_u64(struct head_writer *writer, struct view name, uint64_t value);

/* `prefix` and `target` are one. */
static inline void head_writer_request_line(struct head_writer *writer, struct view method,
                                            struct view prefix, struct view target)
{
    const struct view end = VIEW(" HTTP/1.1\r\n");
    head_writer_need(writer, method.len + 1 + prefix.len + target.len + end.len);
    head_writer_add(writer, method);
    head_writer_add(writer, VIEW(" "));
    head_writer_add(writer, prefix);
    head_writer_add(writer, target);
    head_writer_add(writer, end);
}

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
