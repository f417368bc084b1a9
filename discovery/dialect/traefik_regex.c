#include "discovery/dialect/traefik_regex.h"

/* ---- parentheses ---------------------------------------------------------------------------- */

/* Behind the class that begins at `at`: a ] in the first place is one of its characters. */
static size_t skip_class(struct view regex, size_t at)
{
    at++;
    at += at < regex.len && regex.ptr[at] == '^';
    at += at < regex.len && regex.ptr[at] == ']';
    while (at < regex.len && regex.ptr[at] != ']')
        at += regex.ptr[at] == '\\' ? 2 : 1;
    return at + 1;
}

/* Whether one that keeps begins there; its name, if it has one. */
static bool is_group(struct view regex, size_t at, struct view *name)
{
    struct view rest = view_skip(regex, at + 1);
    *name = view_of("", 0);
    if (!view_starts_with(rest, VIEW("?")))
        return true;
    if (view_starts_with(rest, VIEW("?P<")))
        rest = view_skip(rest, 3);
    else if (view_starts_with(rest, VIEW("?<")))
        rest = view_skip(rest, 2);
    else
        return false;
    *name = view_cut(&rest, '>');
    return true;
}

/* Counts them up to the one of that name; `*out_number`, 0 where there is none, is its number. */
static unsigned count_groups(struct view regex, struct view wanted, unsigned *out_number)
{
    struct view name;
    unsigned count = 0;
    *out_number = 0;
    for (size_t at = 0; at < regex.len;) {
        char c = regex.ptr[at];
        if (c == '(' && is_group(regex, at, &name)) {
            count++;
            if (wanted.len > 0 && view_eq(name, wanted))
                *out_number = count;
        }
        at = c == '[' ? skip_class(regex, at) : at + (c == '\\' ? 2 : 1);
    }
    return count;
}

unsigned traefik_regex_count_groups(struct view regex)
{
    unsigned number;
    return count_groups(regex, view_of("", 0), &number);
}

/* Outside of all parentheses. */
static bool has_alternatives(struct view regex)
{
    unsigned depth = 0;
    for (size_t at = 0; at < regex.len;) {
        char c = regex.ptr[at];
        if (c == '|' && depth == 0)
            return true;
        depth += c == '(';
        depth -= c == ')' && depth > 0;
        at = c == '[' ? skip_class(regex, at) : at + (c == '\\' ? 2 : 1);
    }
    return false;
}

bool traefik_regex_is_found_once(struct view regex)
{
    static const struct view ends[] = {{"$", 1}, {".*", 2}, {".+", 2}, {".*)", 3}, {".+)", 3}};
    bool is_once = view_starts_with(regex, VIEW("^"));
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        is_once |= view_ends_with(regex, ends[i]);
    return is_once && !has_alternatives(regex);
}

/* ---- replacements --------------------------------------------------------------------------- */

static bool is_word_char(char c)
{
    char lower = view_lower_char(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Behind the dollar: the longest word, or one in braces. Empty: the dollar is one. */
static struct view cut_name(struct view *rest)
{
    struct view inside = *rest;
    bool is_braced = view_starts_with(inside, VIEW("{"));
    size_t len = 0;
    if (is_braced)
        inside = view_skip(inside, 1);
    while (len < inside.len && is_word_char(inside.ptr[len]))
        len++;
    if (is_braced && (len == inside.len || inside.ptr[len] != '}'))
        len = 0;
    if (len > 0)
        *rest = view_skip(inside, len + is_braced);
    return view_of(inside.ptr, len);
}

static bool append_group(struct view regex, struct view name, struct text *out)
{
    uint64_t number;
    unsigned named, count = count_groups(regex, name, &named);
    if (!view_parse_u64(name, UINT32_MAX, &number))
        number = named > 0 ? named : UINT64_MAX;
    if (number > count)
        return true;
    text_appendf(out, "${%u}", (unsigned)number);
    return number <= TRAEFIK_GROUPS_MAX;
}

bool traefik_regex_append_replacement(struct view regex, struct view replacement, struct text *out)
{
    bool is_good = true;
    while (replacement.len > 0 && is_good) {
        char c = replacement.ptr[0];
        replacement = view_skip(replacement, 1);
        struct view name = c == '$' ? cut_name(&replacement) : view_of("", 0);
        if (name.len > 0)
            is_good = append_group(regex, name, out);
        else
            text_append_str(out, c == '$' ? "$$" : (char[]){c, '\0'});
        if (c == '$' && name.len == 0 && view_starts_with(replacement, VIEW("$")))
            replacement = view_skip(replacement, 1);
    }
    return is_good;
}
