#include "lb/http/trailers.h"

#include "lb/http/claim.h"
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
        trailers->has_break = false;
        trailers->line_at = trailers->lines.len;
    }
    text_append(&trailers->lines, piece);
    trailers->gap_at = piece.ptr + piece.len;
    return true;
}

static bool has_line_end(const char *from, const char *to)
{
    struct view between = view_of(from, (size_t)(to - from));
    return view_find(between, '\r') >= 0 || view_find(between, '\n') >= 0;
}

static bool begin_value(struct trailers *trailers, const char *at)
{
    if (!trailers->is_in_line || trailers->has_break || has_line_end(trailers->gap_at, at))
        return false;
    trailers->is_in_value = true;
    text_append(&trailers->lines, VIEW(": "));
    return true;
}

bool trailers_value(struct trailers *trailers, struct view piece, struct view input)
{
    bool goes_on =
        piece.ptr == trailers->value_end || (trailers->was_cut && piece.ptr == input.ptr);
    if (piece.len == 0)
        return true;
    if (trailers->is_in_value ? !goes_on : !begin_value(trailers, piece.ptr))
        return false;
    text_append(&trailers->lines, piece);
    trailers->value_end = piece.ptr + piece.len;
    return true;
}

void trailers_begin_input(struct trailers *trailers, struct view input)
{
    trailers->gap_at = input.ptr;
}

void trailers_end_input(struct trailers *trailers, struct view input)
{
    const char *end = input.ptr + input.len;
    trailers->was_cut = trailers->is_in_value && trailers->value_end == end;
    if (trailers->is_in_line && !trailers->is_in_value && has_line_end(trailers->gap_at, end))
        trailers->has_break = true;
    trailers->value_end = NULL;
}

static void trim_end(struct text *lines)
{
    while (lines->bytes[lines->len - 1] == ' ' || lines->bytes[lines->len - 1] == '\t')
        lines->len--;
}

bool trailers_end_line(struct trailers *trailers)
{
    struct view line = view_skip(trailers_lines(trailers), trailers->line_at);
    struct view name = view_cut(&line, ':');
    if (!trailers->is_in_line || name.len == 0)
        return false;
    if (field_has_meaning(field_id_of(name)) || claim_of(name) != CLAIM_NONE) {
        trailers->lines.len = trailers->line_at;
    } else if (trailers->is_in_value) {
        trim_end(&trailers->lines);
        text_append(&trailers->lines, VIEW("\r\n"));
    } else {
        text_append(&trailers->lines, VIEW(":\r\n"));
    }
    trailers->is_in_line = false;
    trailers->is_in_value = false;
    return true;
}
