#include "lb/http/head_writer.h"

#include <inttypes.h>
#include <stdio.h>

struct head_writer head_writer_in_text(struct text *text, size_t room)
{
    char *at = text_room(text, room);
    return (struct head_writer){at, at + room};
}

void head_writer_end_text(struct head_writer *writer, struct text *text)
{
    head_writer_end_line(writer);
    text_grow_to(text, writer->at);
}

void head_writer_field_u64(struct head_writer *writer, struct view name, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, value);
    head_writer_field(writer, name, view_of(digits, (size_t)len));
}

void head_writer_status_line(struct head_writer *writer, unsigned status, struct view reason)
{
    char line[] = "HTTP/1.1 000 ";
    for (unsigned i = 0, rest = status; i < 3; i++, rest /= 10)
        line[11 - i] = (char)('0' + rest % 10);
    head_writer_put(writer, view_of(line, sizeof(line) - 1));
    head_writer_put(writer, reason);
    head_writer_end_line(writer);
}
