#include "lb/base/json_place.h"

#include <stdbool.h>

/* A reader that never goes beyond its bytes, whatever they are. */
struct cursor {
    struct view bytes;
    size_t at;
};

static char peek(const struct cursor *cursor)
{
    return cursor->at < cursor->bytes.len ? cursor->bytes.ptr[cursor->at] : '\0';
}

static void skip_space(struct cursor *cursor)
{
    for (char c = peek(cursor); c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = peek(cursor))
        cursor->at++;
}

/* From the quote to behind the other one. */
static void skip_string(struct cursor *cursor)
{
    for (cursor->at++; cursor->at < cursor->bytes.len && peek(cursor) != '"'; cursor->at++)
        if (peek(cursor) == '\\')
            cursor->at++;
    cursor->at++;
}

static bool is_open(char c)
{
    return c == '{' || c == '[';
}

static bool is_close(char c)
{
    return c == '}' || c == ']';
}

/* To what ends the value: a comma or the bracket around it. */
static void skip_value(struct cursor *cursor)
{
    unsigned depth = 0;
    while (cursor->at < cursor->bytes.len) {
        char c = peek(cursor);
        if (c == '"') {
            skip_string(cursor);
            continue;
        }
        if (depth == 0 && (c == ',' || is_close(c)))
            return;
        depth += is_open(c);
        depth -= is_close(c);
        cursor->at++;
    }
}

/* To the next member, when there is one. */
static bool take_comma(struct cursor *cursor)
{
    skip_value(cursor);
    if (peek(cursor) != ',')
        return false;
    cursor->at++;
    skip_space(cursor);
    return true;
}

static bool is_key(const struct cursor *cursor, const char *key)
{
    struct view rest = view_skip(cursor->bytes, cursor->at + 1), name = view_str(key);
    return view_starts_with(rest, name) && rest.len > name.len && rest.ptr[name.len] == '"';
}

/* Into the object at the cursor: to the value of `key`. Gives where the key is; false: not there.
 */
static bool enter_object(struct cursor *cursor, const char *key, size_t *key_at)
{
    cursor->at++;
    skip_space(cursor);
    while (peek(cursor) == '"') {
        bool is_found = is_key(cursor, key);
        *key_at = cursor->at;
        skip_string(cursor);
        skip_space(cursor);
        if (peek(cursor) == ':')
            cursor->at++;
        skip_space(cursor);
        if (is_found)
            return true;
        if (!take_comma(cursor))
            return false;
    }
    return false;
}

static bool enter_array(struct cursor *cursor, size_t index)
{
    cursor->at++;
    skip_space(cursor);
    for (; index > 0; index--)
        if (!take_comma(cursor))
            return false;
    return !is_close(peek(cursor));
}

static struct json_place place_of(struct view bytes, size_t at)
{
    struct json_place place = {1, 1};
    for (size_t i = 0; i < at && i < bytes.len; i++) {
        bool is_newline = bytes.ptr[i] == '\n';
        place.line += is_newline;
        if (is_newline)
            place.column = 1;
        else
            place.column += ((unsigned char)bytes.ptr[i] & 0xC0) != 0x80;
    }
    return place;
}

struct json_place json_place_find(struct view bytes, const struct json_step *steps,
                                  unsigned step_count)
{
    struct cursor cursor = {.bytes = bytes};
    skip_space(&cursor);
    size_t found = cursor.at;
    for (unsigned i = 0; i < step_count; i++) {
        const struct json_step *step = &steps[i];
        size_t at = cursor.at;
        if (peek(&cursor) != (step->key ? '{' : '['))
            break;
        bool is_there =
            step->key ? enter_object(&cursor, step->key, &at) : enter_array(&cursor, step->index);
        if (!is_there)
            break;
        found = step->key ? at : cursor.at;
    }
    return place_of(bytes, found);
}
