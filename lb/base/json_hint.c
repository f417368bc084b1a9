#include "lb/base/json_hint.h"

#include <stdbool.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The last byte before `at` that is no blank; '\0': there is none. */
static char before(struct view bytes, size_t at)
{
    while (at > 0 && is_space(bytes.ptr[at - 1]))
        at--;
    return at > 0 ? bytes.ptr[at - 1] : '\0';
}

static const char *find_by_beginning(struct view bytes)
{
    size_t at = 0;
    if (view_starts_with(bytes, VIEW("\xEF\xBB\xBF")))
        return "give one JSON object, without the byte order mark before it";
    while (at < bytes.len && is_space(bytes.ptr[at]))
        at++;
    if (at == bytes.len)
        return "it is empty: give one JSON object, {} at least";
    if (bytes.ptr[at] != '{' && bytes.ptr[at] != '[')
        return "this is no JSON, which begins with { (YAML or INI?): give one JSON object";
    return NULL;
}

/* `c` is where the parser stopped, `last` what stands before it. */
static const char *find_by_neighbours(char c, char last)
{
    if ((c == '}' || c == ']') && last == ',')
        return "give one JSON object, without the comma before it";
    if (c == '/' || c == '#')
        return "give one JSON object, without comments";
    if (c == '\'')
        return "give one JSON object, with double quotes instead of single ones";
    return NULL;
}

const char *json_hint_find(struct view bytes, size_t position)
{
    const char *hint = find_by_beginning(bytes);
    if (!hint && position > 0 && position <= bytes.len)
        hint = find_by_neighbours(bytes.ptr[position - 1], before(bytes, position - 1));
    return hint ? hint : "give one JSON object";
}
