#include "discovery/net/line_reader.h"

void line_reader_init(struct line_reader *reader, size_t max_bytes)
{
    *reader = (struct line_reader){.max_bytes = max_bytes};
}

void line_reader_fini(struct line_reader *reader)
{
    text_fini(&reader->carry);
    reader->rest = (struct view){NULL, 0};
}

void line_reader_feed(struct line_reader *reader, struct view bytes)
{
    reader->rest = bytes;
}

/* Everything up to the next line end; false when it is not there yet, or the line is too long. */
static bool take_line(struct line_reader *reader, struct view *line)
{
    ptrdiff_t end = view_find(reader->rest, '\n');
    size_t len = end >= 0 ? (size_t)end : reader->rest.len;
    if (!reader->is_skipping && len > reader->max_bytes - reader->carry.len) {
        reader->is_skipping = true;
        reader->skipped_count++;
        text_fini(&reader->carry);
    }
    *line = view_of(reader->rest.ptr, len);
    reader->rest = view_skip(reader->rest, end >= 0 ? len + 1 : len);
    if (reader->is_skipping) {
        reader->is_skipping = end < 0;
        return false;
    }
    if (reader->carry.len == 0 && end >= 0)
        return true;
    text_append(&reader->carry, *line);
    *line = text_view(&reader->carry);
    reader->carry_given = end >= 0;
    return end >= 0;
}

bool line_reader_next(struct line_reader *reader, struct view *line)
{
    if (reader->carry_given) {
        text_clear(&reader->carry);
        reader->carry_given = false;
    }
    while (reader->rest.len > 0) {
        if (!take_line(reader, line))
            continue;
        if (line->len > 0 && line->ptr[line->len - 1] == '\r')
            line->len--;
        if (line->len > 0)
            return true;
        text_clear(&reader->carry); /* it held the CR of an empty line at most */
        reader->carry_given = false;
    }
    return false;
}
