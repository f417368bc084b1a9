#include "lb/contract/replacement.h"

#include "lb/contract/pattern.h"

#define REGEX_BYTES_MAX 1024u /* as ROUTE_REGEX_BYTES_MAX */

bool replacement_split(struct view value, struct view *regex, struct view *replacement)
{
    size_t at = value.len;
    while (at > 0 && value.ptr[at - 1] != ' ')
        at--;
    if (value.len == 0 || value.ptr[0] != '~' || at < 2)
        return false;
    *replacement = view_skip(value, at);
    *regex = view_trim(view_of(value.ptr + 1, at - 1));
    return regex->len > 0 && replacement->len > 0;
}

/* How long a reference at the start of `rest` is; 0: it is none. */
static size_t reference_len(struct view rest, unsigned *part)
{
    bool is_braced = rest.len >= 4 && rest.ptr[1] == '{' && rest.ptr[3] == '}';
    char digit = is_braced ? rest.ptr[2] : rest.len >= 2 ? rest.ptr[1] : '\0';
    if (digit < '0' || digit > '9')
        return 0;
    *part = (unsigned)(digit - '0');
    return is_braced ? 4 : 2;
}

bool replacement_next(struct view *rest, struct replacement_piece *out)
{
    if (rest->len == 0)
        return false;
    ptrdiff_t at = view_find(*rest, '$');
    size_t len = at < 0 ? rest->len : (size_t)at;
    *out = (struct replacement_piece){.text = view_of(rest->ptr, len)};
    if (len == 0 && rest->len >= 2 && rest->ptr[1] == '$') {
        out->text = view_of(rest->ptr, 1);
        len = 2;
    } else if (len == 0) {
        out->text = view_of(NULL, 0);
        len = reference_len(*rest, &out->part);
    }
    *rest = view_skip(*rest, len);
    return len > 0;
}

static bool check_parts(struct view replacement, unsigned capture_count, struct text *problem)
{
    struct replacement_piece piece;
    struct view rest = replacement;
    while (replacement_next(&rest, &piece))
        if (piece.text.len == 0 && piece.part > capture_count) {
            text_appendf(problem, "has $%u, and its regex has %u parenthes%s", piece.part,
                         capture_count, capture_count == 1 ? "is" : "es");
            return false;
        }
    if (rest.len > 0)
        text_append_str(problem, "has a $ that names no parenthesis; write $$ for a dollar");
    return rest.len == 0;
}

bool replacement_check(struct view regex, struct view replacement, struct text *problem)
{
    if (regex.len > REGEX_BYTES_MAX) {
        text_appendf(problem, "has a regex of more than %u bytes", REGEX_BYTES_MAX);
        return false;
    }
    struct pattern *pattern = pattern_new_capturing(regex, problem);
    if (!pattern)
        return false;
    bool is_good = check_parts(replacement, pattern_capture_count(pattern), problem);
    pattern_free(pattern);
    return is_good;
}
