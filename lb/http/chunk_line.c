#include "lb/http/chunk_line.h"

#include "lb/http/chars.h"

/* What may stand in an extension is not looked at closely, as it goes nowhere; but it must not be
 * empty and must end with its line. */
static bool drop_extension(enum chunk_line_state *state, struct view *input)
{
    while (input->len > 0 && input->ptr[0] != '\r') {
        if (!chars_is_field_value(input->ptr[0]))
            return false;
        *state = CHUNK_LINE_EXTENSION;
        *input = view_skip(*input, 1);
    }
    if (input->len > 0 && *state == CHUNK_LINE_FIRST)
        return false;
    if (input->len > 0)
        *state = CHUNK_LINE_OVER;
    return true;
}

bool chunk_line_drop(enum chunk_line_state *state, struct view *input)
{
    if (*state == CHUNK_LINE_AT_SEMICOLON && input->len > 0) {
        *state = CHUNK_LINE_FIRST;
        *input = view_skip(*input, 1);
    }
    if (*state == CHUNK_LINE_FIRST || *state == CHUNK_LINE_EXTENSION)
        return drop_extension(state, input);
    return true;
}

size_t chunk_line_measure(enum chunk_line_state *state, struct view input)
{
    if (*state == CHUNK_LINE_OVER)
        return input.len;
    if (*state != CHUNK_LINE_SIZE)
        return 0;
    for (size_t i = 0; i < input.len; i++) {
        if (input.ptr[i] == ';') {
            *state = CHUNK_LINE_AT_SEMICOLON;
            return i;
        }
        if (input.ptr[i] == '\r' || input.ptr[i] == '\n') {
            *state = CHUNK_LINE_OVER;
            return input.len;
        }
    }
    return input.len;
}
