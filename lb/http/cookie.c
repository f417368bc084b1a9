#include "lb/http/cookie.h"

#define FIELD_NAME VIEW("Cookie")

/* Cuts the next pair off `*rest`; false after the last. */
static bool next_pair(struct view *rest, struct view *pair)
{
    if (!rest->ptr)
        return false;
    *pair = view_cut(rest, ';');
    return true;
}

static bool has_name(struct view pair, struct view name)
{
    return view_eq(view_trim(view_cut(&pair, '=')), name) && pair.ptr;
}

static struct view value_of(struct view pair)
{
    view_cut(&pair, '=');
    struct view value = view_trim(pair);
    bool is_quoted = value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"';
    return is_quoted ? view_of(value.ptr + 1, value.len - 2) : value;
}

bool cookie_next(struct cookie_walk *walk, struct view name, struct view *value)
{
    struct view pair;
    do
        while (next_pair(&walk->pairs, &pair))
            if (has_name(pair, name)) {
                *value = value_of(pair);
                return true;
            }
    while (field_line_next(&walk->lines, FIELD_NAME, &walk->pairs));
    return false;
}

struct view cookie_find(struct view head, struct view name)
{
    struct cookie_walk walk = cookie_walk_of(head);
    struct view value;
    return cookie_next(&walk, name, &value) ? value : view_of(NULL, 0);
}

static bool is_in(struct view value, struct view name)
{
    struct view pair;
    while (next_pair(&value, &pair))
        if (has_name(pair, name))
            return true;
    return false;
}

/* The others, in a field of their own: no longer than it was, as at least one is left out. */
static void append_others(struct view value, struct view name, struct block *out)
{
    bool is_first = true;
    struct view pair;
    while (next_pair(&value, &pair)) {
        if (view_trim(pair).len == 0 || has_name(pair, name))
            continue;
        block_append(out, is_first ? VIEW("Cookie: ") : VIEW(";"));
        block_append(out, is_first ? view_trim(pair) : pair);
        is_first = false;
    }
    block_append(out, is_first ? VIEW("") : VIEW("\r\n"));
}

void cookie_remove(struct view head, struct view name, struct block *out)
{
    struct view lines = field_line_first(head), value;
    const char *kept = head.ptr; /* from here on nothing has been appended */
    while (field_line_next(&lines, FIELD_NAME, &value)) {
        if (!is_in(value, name))
            continue;
        struct view line = view_line_of(head, value.ptr);
        block_append(out, view_of(kept, (size_t)(line.ptr - kept)));
        append_others(value, name, out);
        kept = lines.ptr;
    }
    block_append(out, view_of(kept, (size_t)(head.ptr + head.len - kept)));
}
