#include "lb/contract/redirect.h"

#include "lb/base/address.h"
#include "lb/contract/host_port.h"
#include "lb/contract/replacement.h"

static bool fail(struct text *problem, const char *fault)
{
    text_append_str(problem, fault);
    return false;
}

/* ---- the parts ------------------------------------------------------------------------------- */

/* "301 " at its beginning, if a number is there. */
static bool take_status(struct view *rest, unsigned *status, struct text *problem)
{
    static const struct view known[] = {{"301", 3}, {"302", 3}, {"307", 3}, {"308", 3}};
    static const unsigned numbers[] = {301, 302, 307, 308};
    struct view behind = *rest, word = view_cut(&behind, ' ');
    *status = 302;
    if (word.len == 0 || word.ptr[0] < '0' || word.ptr[0] > '9')
        return true;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (view_eq(word, known[i])) {
            *status = numbers[i];
            *rest = view_trim(behind);
            return true;
        }
    return fail(problem, "has a status that is none of 301, 302, 307 and 308");
}

static bool is_scheme(struct view word)
{
    return view_eq_nocase(word, VIEW("https")) || view_eq_nocase(word, VIEW("http"));
}

static struct view scheme_of(struct view word)
{
    return word.len == 5 ? VIEW("https") : VIEW("http");
}

/* What may stand in a URL; all else is written as %XX. */
static bool check_place(struct view path, struct text *problem)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (c <= ' ' || c >= 0x7F || strchr("\"#<>\\^`{|}", c))
            return fail(problem, "has a character in its path that no URL has bare; write it as "
                                 "%XX");
    }
    if (path.len > 1 && path.ptr[0] == '/' && path.ptr[1] == '/')
        return fail(problem, "has // at the front of its path, which would name another host");
    return true;
}

/* ---- the targets ----------------------------------------------------------------------------- */

/* "https", "https:8443" */
static bool take_scheme(struct view scheme, struct view port, bool has_port, struct redirect *out,
                        struct text *problem)
{
    uint64_t number;
    out->scheme = scheme_of(scheme);
    if (!has_port)
        return true;
    out->port = port;
    if (!view_parse_u64(port, UINT16_MAX, &number) || number == 0)
        return fail(problem, "has no port behind the colon; write for example https:8443");
    return true;
}

/* What follows "https://". */
static bool take_url(struct view scheme, struct view rest, struct redirect *out,
                     struct text *problem)
{
    size_t at = 0;
    while (at < rest.len && rest.ptr[at] != '/' && rest.ptr[at] != '?')
        at++;
    out->scheme = scheme_of(scheme);
    out->authority = view_of(rest.ptr, at);
    out->path = view_skip(rest, at);
    if (!host_port_is(out->authority))
        return fail(problem, "names no host; write for example https://a.test/path");
    if (out->path.len > 0 && out->path.ptr[0] == '?')
        return fail(problem, "has a query without a path; write for example https://a.test/?a=b");
    return check_place(out->path, problem);
}

static bool take_regex(struct view target, struct redirect *out, struct text *problem)
{
    if (!replacement_split(target, &out->regex, &out->replacement))
        return fail(problem, "has a regex without a replacement behind it");
    return replacement_check(out->regex, out->replacement, problem);
}

static bool take_target(struct view target, struct redirect *out, struct text *problem)
{
    struct view rest = target, scheme = view_cut(&rest, ':');
    if (target.len == 0)
        return fail(problem, "has no target");
    if (target.ptr[0] == '~')
        return take_regex(target, out, problem);
    if (target.ptr[0] == '/') {
        out->path = target;
        return check_place(target, problem);
    }
    if (!is_scheme(scheme))
        return fail(problem, "has a target that is no URL");
    if (rest.ptr && view_starts_with(rest, VIEW("//")))
        return take_url(scheme, view_skip(rest, 2), out, problem);
    return take_scheme(scheme, rest, rest.ptr != NULL, out, problem);
}

bool redirect_parse(struct view value, struct redirect *out, struct text *problem)
{
    struct view rest = view_trim(value);
    *out = (struct redirect){0};
    return take_status(&rest, &out->status, problem) && take_target(rest, out, problem);
}

unsigned redirect_status_for(unsigned status, struct view method)
{
    if (view_eq(method, VIEW("GET")) || view_eq(method, VIEW("HEAD")))
        return status;
    return status == 301 ? 308 : status == 302 ? 307 : status;
}
