#include "lb/route/relocation.h"

#include "lb/route/expansion.h"

/* Who is to prove that a host is his is asked there, and by http. */
#define CHALLENGE_PATH VIEW("/.well-known/acme-challenge/")

size_t relocation_bound(const struct relocation *of)
{
    return of->scheme.len + sizeof("://") + of->host.len + of->target.len + RELOCATION_BYTES_MAX;
}

/* ---- URLs ------------------------------------------------------------------------------------ */

/* What follows "http://" or "https://"; a NULL pointer where neither does. */
static struct view behind_scheme(struct view url)
{
    if (url.len >= 7 && view_eq_nocase(view_of(url.ptr, 7), VIEW("http://")))
        return view_skip(url, 7);
    if (url.len >= 8 && view_eq_nocase(view_of(url.ptr, 8), VIEW("https://")))
        return view_skip(url, 8);
    return view_of(NULL, 0);
}

static size_t authority_len(struct view rest)
{
    size_t at = 0;
    while (at < rest.len && !strchr("/?#", rest.ptr[at]))
        at++;
    return at;
}

static struct view without_fragment(struct view url)
{
    return view_cut(&url, '#');
}

static struct view without_port(struct view authority)
{
    size_t at = authority.len;
    while (at > 0 && authority.ptr[at - 1] >= '0' && authority.ptr[at - 1] <= '9')
        at--;
    return at > 0 && authority.ptr[at - 1] == ':' ? view_of(authority.ptr, at - 1) : authority;
}

/* A URL taken apart, as a client asks for it. */
struct place {
    struct view scheme, authority, path;
};

static struct place place_of(struct view url)
{
    struct view rest = behind_scheme(url);
    struct place place = {.scheme = view_of(url.ptr, (size_t)(rest.ptr - url.ptr))};
    size_t len = authority_len(rest);
    place.authority = view_of(rest.ptr, len);
    place.path = view_skip(rest, len);
    bool is_https = place.scheme.len == sizeof("https://") - 1;
    if (view_ends_with(place.authority, is_https ? VIEW(":443") : VIEW(":80")))
        place.authority = without_port(place.authority);
    if (place.path.len == 0)
        place.path = VIEW("/");
    return place;
}

/* Whether who follows the location asks for the same again. */
static bool leads_back(struct view url, struct view location, const struct relocation *of)
{
    location = without_fragment(location);
    if (!behind_scheme(location).ptr)
        return view_eq(location, of->target);
    struct place here = place_of(url), there = place_of(location);
    return view_eq_nocase(here.scheme, there.scheme) &&
           view_eq_nocase(here.authority, there.authority) && view_eq(here.path, there.path);
}

/* ---- the location ---------------------------------------------------------------------------- */

static void put_query(struct expansion *out, const struct relocation *of)
{
    ptrdiff_t at = view_find(of->target, '?');
    if (at >= 0)
        expansion_put(out, view_skip(of->target, (size_t)at));
}

static void put_place(struct expansion *out, const struct redirect *to, const struct relocation *of)
{
    if (to->scheme.len > 0) {
        expansion_put(out, to->scheme);
        expansion_put(out, VIEW("://"));
        expansion_put(out, to->authority.len > 0 ? to->authority : without_port(of->host));
    }
    if (to->port.len > 0) {
        expansion_put(out, VIEW(":"));
        expansion_put(out, to->port);
    }
    if (to->path.len == 0) {
        expansion_put(out, of->target);
        return;
    }
    expansion_put(out, to->path);
    if (view_find(to->path, '?') < 0)
        put_query(out, of);
}

/* A path that stays on this host, or a URL whose host has none of its bytes from the path or the query
 * of the request. */
static bool is_safe(const struct expansion *made)
{
    struct view location = expansion_view(made), rest = behind_scheme(location);
    if (!rest.ptr)
        return location.len > 0 && location.ptr[0] == '/' &&
               (location.len == 1 || location.ptr[1] != '/');
    struct view authority = view_of(rest.ptr, authority_len(rest));
    return authority.len > 0 && view_find(authority, '@') < 0 &&
           !(made->noted && made->noted < authority.ptr + authority.len);
}

static enum relocation_way judge(const struct expansion *made, struct view url,
                                 const struct relocation *of)
{
    if (made->is_full)
        return RELOCATION_TOO_LONG;
    if (!is_safe(made))
        return RELOCATION_UNSAFE;
    return leads_back(url, expansion_view(made), of) ? RELOCATION_NONE : RELOCATION_MADE;
}

static enum relocation_way find_by_regex(const struct treatment_redirect *redirect,
                                         const struct relocation *of, struct view url,
                                         struct expansion *out)
{
    struct view parts[PATTERN_PARTS_MAX];
    pattern_scratch_begin(of->scratch);
    switch (pattern_find(redirect->pattern, url, of->scratch, parts)) {
    case TRUTH_NO:
        return RELOCATION_NONE;
    case TRUTH_YES:
        break;
    default:
        return RELOCATION_IN_DOUBT;
    }
    out->bound = url.ptr + url.len - of->target.len;
    expansion_put_replaced(out, url, redirect->to.replacement, parts);
    return judge(out, url, of);
}

/* RFC 8555 § 8.3; what a backend may take for another path is none. */
static bool is_challenge(struct view target)
{
    struct view token = target;
    if (!view_starts_with(target, CHALLENGE_PATH))
        return false;
    token = view_skip(view_cut(&token, '?'), CHALLENGE_PATH.len);
    for (size_t i = 0; i < token.len; i++) {
        char c = view_lower_char(token.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return true;
}

/* By its scheme alone: one that came by it is there. */
static bool is_there(const struct redirect *to, const struct relocation *of)
{
    if (to->scheme.len == 0 || to->authority.len > 0)
        return false;
    return view_eq(to->scheme, of->scheme) || (to->scheme.len == 5 && is_challenge(of->target));
}

static struct view put_url(const struct relocation *of, char *room)
{
    struct expansion url = {.begin = room, .at = room, .end = room + relocation_bound(of)};
    expansion_put(&url, of->scheme);
    expansion_put(&url, VIEW("://"));
    expansion_put(&url, of->host);
    expansion_put(&url, of->target);
    return expansion_view(&url);
}

enum relocation_way relocation_find(const struct treatment_redirect *redirect,
                                    const struct relocation *of, char *room, struct view *out)
{
    struct view url = put_url(of, room);
    char *begin = room + url.len;
    struct expansion made = {
        .begin = begin, .at = begin, .end = begin + RELOCATION_BYTES_MAX, .escapes = true};
    enum relocation_way way = RELOCATION_NONE;
    if (of->target.len == 0 || of->target.ptr[0] != '/' || is_there(&redirect->to, of))
        return way;
    if (redirect->pattern) {
        way = find_by_regex(redirect, of, url, &made);
    } else {
        put_place(&made, &redirect->to, of);
        way = judge(&made, url, of);
    }
    *out = expansion_view(&made);
    return way;
}
