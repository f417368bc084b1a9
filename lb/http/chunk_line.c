#include "lb/http/chunk_line.h"

#include "lb/http/chars.h"

static bool is_hex(char c)
{
    return chars_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

void chunk_line_reset(struct chunk_line *line)
{
    *line = (struct chunk_line){.state = CHUNK_LINE_SIZE};
}

/* An extension begins with a semicolon, and there may be white space before it. */
static size_t read_size(struct chunk_line *line, struct view input)
{
    size_t at = 0;
    while (at < input.len && is_hex(input.ptr[at]))
        at++;
    line->has_size = line->has_size || at > 0;
    if (at < input.len) {
        bool goes_on = line->has_size && (input.ptr[at] == ';' || is_space(input.ptr[at]));
        line->state = goes_on ? CHUNK_LINE_SPACE : CHUNK_LINE_OVER;
    }
    return at;
}

bool chunk_line_read(struct chunk_line *line, struct view input, size_t *size_len, size_t *left_out)
{
    size_t at = line->state == CHUNK_LINE_SIZE ? read_size(line, input) : 0;
    *size_len = at;
    if (line->state == CHUNK_LINE_SPACE) {
        while (at < input.len && is_space(input.ptr[at]))
            at++;
        if (at < input.len) {
            if (input.ptr[at] != ';')
                return false;
            line->state = CHUNK_LINE_EXTENSION;
        }
    }
    if (line->state == CHUNK_LINE_EXTENSION) {
        while (at < input.len && chars_is_field_value(input.ptr[at]))
            at++;
        if (at < input.len) {
            if (input.ptr[at] != '\r')
                return false;
            line->state = CHUNK_LINE_OVER;
        }
    }
    *left_out = at - *size_len;
    line->left_out += *left_out;
    return line->left_out <= CHUNK_LINE_LEFT_OUT_MAX;
}
