#include "lb/http/trailers.h"

#include "lb/http/head.h"

void trailers_init(struct trailers *trailers)
{
    *trailers = (struct trailers){0};
}

void trailers_fini(struct trailers *trailers)
{
    text_fini(&trailers->lines);
    trailers_init(trailers);
}

bool trailers_name(struct trailers *trailers, struct view piece, uint32_t max_count)
{
    if (!trailers->is_in_line) {
        if (++trailers->line_count > max_count)
            return false;
        trailers->is_in_line = true;
        trailers->line_at = trailers->lines.len;
    }
    text_append(&trailers->lines, piece);
    return true;
}

bool trailers_value(struct trailers *trailers, struct view piece, struct view input)
{
    bool goes_on = piece.ptr == trailers->value_end ||
                   (trailers->was_cut && piece.ptr == input.ptr);
    if (trailers->is_in_value && !goes_on && piece.len > 0)
        return false;
    if (!trailers->is_in_value)
        text_append(&trailers->lines, VIEW(": "));
    text_append(&trailers->lines, piece);
    trailers->is_in_value = true;
    trailers->value_end = piece.ptr + piece.len;
    trailers->was_cut = trailers->value_end == input.ptr + input.len;
    return true;
}

bool trailers_end_line(struct trailers *trailers)
{
    struct view line = view_skip(trailers_lines(trailers), trailers->line_at);
    struct view name = view_cut(&line, ':');
    trailers->is_in_line = false;
    trailers->is_in_value = false;
    if (name.len == 0)
        return false;
    if (head_field_id(name) != FIELD_OTHER)
        trailers->lines.len = trailers->line_at;
    else
        text_append(&trailers->lines, VIEW("\r\n"));
    return true;
}
