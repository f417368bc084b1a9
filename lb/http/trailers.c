#include "lb/http/trailers.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/http/head.h"

#define FIRST_BYTES 256u

void trailers_init(struct trailers *trailers)
{
    *trailers = (struct trailers){0};
}

void trailers_fini(struct trailers *trailers)
{
    free(trailers->bytes);
    trailers_init(trailers);
}

/* The parser bounds how much can come (struct parser_limits). */
static void append(struct trailers *trailers, struct view piece)
{
    uint32_t needed = trailers->len + (uint32_t)piece.len;
    if (needed > trailers->capacity) {
        uint32_t capacity = trailers->capacity ? trailers->capacity : FIRST_BYTES;
        while (capacity < needed)
            capacity *= 2;
        trailers->bytes = memory_resize(trailers->bytes, capacity);
        trailers->capacity = capacity;
    }
    if (piece.len > 0)
        memcpy(trailers->bytes + trailers->len, piece.ptr, piece.len);
    trailers->len = needed;
}

bool trailers_name(struct trailers *trailers, struct view piece, uint32_t max_count)
{
    if (!trailers->is_in_line) {
        if (++trailers->line_count > max_count)
            return false;
        trailers->is_in_line = true;
        trailers->line_at = trailers->len;
    }
    append(trailers, piece);
    return true;
}

bool trailers_value(struct trailers *trailers, struct view piece, struct view input)
{
    bool goes_on = piece.ptr == trailers->value_end ||
                   (trailers->was_cut && piece.ptr == input.ptr);
    if (trailers->is_in_value && !goes_on && piece.len > 0)
        return false;
    if (!trailers->is_in_value)
        append(trailers, VIEW(": "));
    append(trailers, piece);
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
        trailers->len = trailers->line_at;
    else
        append(trailers, VIEW("\r\n"));
    return true;
}
