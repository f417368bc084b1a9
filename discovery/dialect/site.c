#include "discovery/dialect/site.h"

#include "lb/base/yes_no.h"

static bool has_capital(struct view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z')
            return true;
    return false;
}

static struct view keep_regex(struct claims *claims, struct view regex, bool ignores_case)
{
    struct text text = TEXT_INIT;
    if (ignores_case)
        text_append_str(&text, "(?i)");
    text_append(&text, regex);
    struct view kept = claims_keep(claims, text_view(&text));
    text_fini(&text);
    return kept;
}

static struct view keep_lower(struct claims *claims, const char *prefix, struct view host)
{
    struct text text = TEXT_INIT;
    text_append_str(&text, prefix);
    bool is_star = view_eq(host, VIEW("*.")); /* of a name that is missing, not of all hosts */
    if (host.len > 1 && host.ptr[host.len - 1] == '.' && !is_star)
        host.len--;
    for (size_t i = 0; i < host.len; i++)
        text_append_char(&text, view_lower_char(host.ptr[i]));
    struct view kept = claims_keep(claims, text_view(&text));
    text_fini(&text);
    return kept;
}

size_t site_read_host(struct claims *claims, struct view item,
                      struct route_pattern out[SITE_PATTERNS_MAX])
{
    if (item.len > 1 && item.ptr[0] == '~') {
        item = view_skip(item, 1);
        out[0] =
            (struct route_pattern){ROUTE_HOST_REGEX, keep_regex(claims, item, has_capital(item))};
        return 1;
    }
    bool is_two = item.len > 1 && item.ptr[0] == '.';
    if (is_two)
        item = view_skip(item, 1);
    out[0] = (struct route_pattern){ROUTE_HOST, keep_lower(claims, "", item)};
    if (is_two)
        out[1] = (struct route_pattern){ROUTE_HOST, keep_lower(claims, "*.", item)};
    return is_two ? 2 : 1;
}

struct route_pattern site_read_path(struct claims *claims, struct view path, enum route_kind start)
{
    struct view regex = yes_no_trim(view_skip(path, path.len > 0));
    if (view_eq(path, VIEW("/")))
        return (struct route_pattern){start, {"", 0}};
    if (view_starts_with(path, VIEW("~*")))
        return (struct route_pattern){ROUTE_PATH_REGEX,
                                      keep_regex(claims, yes_no_trim(view_skip(path, 2)), true)};
    if (view_starts_with(path, VIEW("~")))
        return (struct route_pattern){ROUTE_PATH_REGEX, keep_regex(claims, regex, false)};
    if (view_starts_with(path, VIEW("=")))
        return (struct route_pattern){ROUTE_PATH_EXACT,
                                      claims_keep(claims, yes_no_trim(view_skip(path, 1)))};
    if (view_starts_with(path, VIEW("^~"))) {
        path = view_skip(path, 2);
        start = ROUTE_PATH_START;
    }
    return (struct route_pattern){start, claims_keep(claims, yes_no_trim(path))};
}
