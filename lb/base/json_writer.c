#include "lb/base/json_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/bounds.h"
#include "lb/base/utf8.h"

#define SMALLEST_ROUNDED 1e-6 /* what is smaller is nothing */

void json_writer_init(struct json_writer *writer, struct text *out)
{
    *writer = (struct json_writer){.out = out};
}

static void before_value(struct json_writer *writer)
{
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    if (writer->depth > 0) {
        if (writer->has_items[writer->depth - 1])
            text_append_char(writer->out, ',');
        writer->has_items[writer->depth - 1] = true;
    }
}

static void open_scope(struct json_writer *writer, char bracket)
{
    before_value(writer);
    bounds_hold(writer->depth < JSON_WRITER_DEPTH);
    writer->has_items[writer->depth++] = false;
    text_append_char(writer->out, bracket);
}

static void close_scope(struct json_writer *writer, char bracket)
{
    bounds_hold(writer->depth > 0);
    writer->depth--;
    text_append_char(writer->out, bracket);
}

void json_writer_begin_object(struct json_writer *writer)
{
    open_scope(writer, '{');
}

void json_writer_end_object(struct json_writer *writer)
{
    close_scope(writer, '}');
}

void json_writer_begin_array(struct json_writer *writer)
{
    open_scope(writer, '[');
}

void json_writer_end_array(struct json_writer *writer)
{
    close_scope(writer, ']');
}

/* RFC 8259 § 7: above U+FFFF as a surrogate pair. */
static void append_escaped(struct text *out, uint32_t code)
{
    switch (code) {
    case '"':
        text_append_str(out, "\\\"");
        break;
    case '\\':
        text_append_str(out, "\\\\");
        break;
    case '\n':
        text_append_str(out, "\\n");
        break;
    case '\r':
        text_append_str(out, "\\r");
        break;
    case '\t':
        text_append_str(out, "\\t");
        break;
    default:
        if (code > 0xFFFF) {
            text_appendf(out, "\\u%04" PRIx32, 0xD800 + ((code - 0x10000) >> 10));
            code = 0xDC00 + (code & 0x3FF);
        }
        text_appendf(out, "\\u%04" PRIx32, code);
    }
}

static void append_quoted(struct text *out, struct view value)
{
    text_append_char(out, '"');
    size_t plain = 0; /* bytes at the start of value that need no change */
    while (plain < value.len) {
        struct view rest = view_skip(value, plain);
        char c = rest.ptr[0];
        size_t len = utf8_length(rest);
        if (len > 0 && c != '"' && c != '\\' && !utf8_is_control(rest, len)) {
            plain += len;
            continue;
        }
        text_append(out, view_of(value.ptr, plain));
        if (len == 0)
            text_append_str(out, "\xEF\xBF\xBD");
        else
            append_escaped(out, utf8_code(rest, len));
        value = view_skip(rest, len > 0 ? len : 1);
        plain = 0;
    }
    text_append(out, value);
    text_append_char(out, '"');
}

void json_writer_key(struct json_writer *writer, const char *key)
{
    before_value(writer);
    append_quoted(writer->out, view_str(key));
    text_append_char(writer->out, ':');
    writer->after_key = true;
}

void json_writer_string(struct json_writer *writer, struct view value)
{
    before_value(writer);
    append_quoted(writer->out, value);
}

void json_writer_str(struct json_writer *writer, const char *value)
{
    if (value)
        json_writer_string(writer, view_str(value));
    else
        json_writer_null(writer);
}

void json_writer_uint(struct json_writer *writer, uint64_t value)
{
    before_value(writer);
    text_appendf(writer->out, "%" PRIu64, value);
}

void json_writer_int(struct json_writer *writer, int64_t value)
{
    before_value(writer);
    text_appendf(writer->out, "%" PRId64, value);
}

void json_writer_double(struct json_writer *writer, double value)
{
    before_value(writer);
    if (isfinite(value))
        text_appendf(writer->out, "%.3f", value);
    else
        text_append_str(writer->out, "null");
}

/* Of "1.20e-02": -2. */
static int exponent_of(const char *mark)
{
    uint64_t value = 0;
    view_parse_u64(view_str(mark + 2), 999, &value);
    return mark[1] == '-' ? -(int)value : (int)value;
}

/* By way of such a text, which has the three digits and how far they are moved. */
void json_writer_rounded(struct json_writer *writer, double value)
{
    char text[32];
    before_value(writer);
    if (!isfinite(value) || (value > -SMALLEST_ROUNDED && value < SMALLEST_ROUNDED)) {
        text_append_str(writer->out, isfinite(value) ? "0" : "null");
        return;
    }
    snprintf(text, sizeof(text), "%.2e", value);
    char *mark = strchr(text, 'e');
    int decimals = 2 - exponent_of(mark);
    for (const char *digit = mark - 1; *digit == '0' && decimals > 0; digit--)
        decimals--;
    text_appendf(writer->out, "%.*f", decimals > 0 ? decimals : 0, strtod(text, NULL));
}

void json_writer_bool(struct json_writer *writer, bool value)
{
    before_value(writer);
    text_append_str(writer->out, value ? "true" : "false");
}

void json_writer_null(struct json_writer *writer)
{
    before_value(writer);
    text_append_str(writer->out, "null");
}

void json_writer_field_str(struct json_writer *writer, const char *key, const char *value)
{
    json_writer_key(writer, key);
    json_writer_str(writer, value);
}

void json_writer_field_if_any(struct json_writer *writer, const char *key, const char *value)
{
    if (value && value[0] != '\0')
        json_writer_field_str(writer, key, value);
}

void json_writer_field_uint(struct json_writer *writer, const char *key, uint64_t value)
{
    json_writer_key(writer, key);
    json_writer_uint(writer, value);
}

void json_writer_field_bool(struct json_writer *writer, const char *key, bool value)
{
    json_writer_key(writer, key);
    json_writer_bool(writer, value);
}
