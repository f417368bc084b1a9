#include "lb/sentry/dsn.h"

#include <stdio.h>
#include <string.h>

#define HOST_BYTES_MAX 255u
#define PORT_MAX       65535u

static const char shape[] =
    "a DSN looks like https://KEY@HOST/PROJECT, and stands in the settings of the "
    "project, under \"Client Keys\"";

/* What keys, projects and paths are made of everywhere: nothing that means something in a header or a URL. */
static bool is_plain(char c)
{
    char lower = view_lower_char(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

static bool is_word(struct view word, size_t bytes_max)
{
    if (word.len == 0 || word.len > bytes_max)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (!is_plain(word.ptr[i]))
            return false;
    return word.ptr[0] != '.';
}

/* [::1]: hexadecimal digits, colons, and dots of an IPv4 address in it. */
static bool is_bracketed(struct view host)
{
    if (host.len < 4 || host.ptr[0] != '[' || host.ptr[host.len - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < host.len; i++) {
        char c = view_lower_char(host.ptr[i]);
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f') && c != ':' && c != '.')
            return false;
    }
    return true;
}

static bool is_place(struct view place)
{
    struct view host = place;
    uint64_t port = 1;
    size_t colon = place.len;
    while (colon > 0 && place.ptr[colon - 1] != ':' && place.ptr[colon - 1] != ']')
        colon--;
    if (colon > 0 && place.ptr[colon - 1] == ':') {
        host.len = colon - 1;
        if (!view_parse_u64(view_skip(place, colon), PORT_MAX, &port))
            return false;
    }
    return port > 0 && (is_word(host, HOST_BYTES_MAX) || is_bracketed(host));
}

/* NULL: there is none behind the place. */
static bool is_path(struct view path)
{
    while (path.ptr)
        if (!is_word(view_cut(&path, '/'), DSN_BYTES_MAX))
            return false;
    return true;
}

static void copy(struct view from, char *to)
{
    memcpy(to, from.ptr, from.len);
    to[from.len] = '\0';
}

/* Cuts what stands before the last `c` off `*rest`, which keeps what follows it. False: there is none. */
static bool cut_last(struct view *rest, char c, struct view *before)
{
    const char *at = rest->len > 0 ? memrchr(rest->ptr, c, rest->len) : NULL;
    if (!at)
        return false;
    *before = view_of(rest->ptr, (size_t)(at - rest->ptr));
    *rest = view_skip(*rest, before->len + 1);
    return true;
}

static bool take_scheme(struct view *rest, struct dsn *out)
{
    const struct view tls = VIEW("https://"), plain = VIEW("http://");
    out->is_tls = view_starts_with(*rest, tls);
    if (!out->is_tls && !view_starts_with(*rest, plain))
        return false;
    *rest = view_skip(*rest, out->is_tls ? tls.len : plain.len);
    return true;
}

static bool take_keys(struct view *rest, struct dsn *out)
{
    struct view secret;
    if (!cut_last(rest, '@', &secret))
        return false;
    struct view public = view_cut(&secret, ':');
    bool has_secret = secret.ptr && secret.len > 0;
    if (!is_word(public, DSN_KEY_BYTES - 1) || (has_secret && !is_word(secret, DSN_KEY_BYTES - 1)))
        return false;
    copy(public, out->public_key);
    if (has_secret)
        copy(secret, out->secret_key);
    return true;
}

/* Gives what is wrong, or NULL. */
static const char *take(struct view rest, struct dsn *out)
{
    struct view base = {0};
    if (rest.len > DSN_BYTES_MAX)
        return "it is longer than 1024 bytes";
    if (!take_scheme(&rest, out))
        return "it begins neither with https:// nor with http://";
    if (!take_keys(&rest, out))
        return "its key, before the @, is missing or holds characters that no key has";
    if (!cut_last(&rest, '/', &base) || !is_word(rest, DSN_PROJECT_BYTES - 1))
        return "its project, behind the last /, is missing or holds characters that no project has";
    struct view path = base, place = view_cut(&path, '/');
    if (!is_place(place) || !is_path(path))
        return "its host, port or path holds what none can have";
    const char *scheme = out->is_tls ? "https" : "http";
    copy(rest, out->project);
    snprintf(out->endpoint, sizeof(out->endpoint), "%s://%.*s/api/%s/envelope/", scheme,
             (int)base.len, base.ptr, out->project);
    snprintf(out->shown, sizeof(out->shown), "%s://%.*s, project %s", scheme, (int)base.len,
             base.ptr, out->project);
    return NULL;
}

bool dsn_parse(struct view text, struct dsn *out, struct text *problem)
{
    *out = (struct dsn){.is_tls = false};
    const char *what = take(text, out);
    if (!what)
        return true;
    dsn_forget(out);
    text_appendf(problem, "the DSN cannot be used: %s; %s", what, shape);
    return false;
}

void dsn_forget(struct dsn *dsn)
{
    explicit_bzero(dsn, sizeof(*dsn));
}
