#include "lb/contract/acme_url.h"

#include <string.h>

#define HOST_BYTES_MAX 511u

static bool is_loopback(struct view host)
{
    struct view rest = host, name = rest;
    if (host.ptr[0] != '[')
        name = view_cut(&rest, ':');
    uint64_t ignored;
    if (view_starts_with(name, VIEW("[::1]")) || view_eq_nocase(name, VIEW("localhost")))
        return true;
    if (!view_starts_with(name, VIEW("127.")))
        return false;
    for (unsigned i = 0; i < 4; i++) {
        struct view part = view_cut(&name, '.');
        if (!view_parse_u64(part, 255, &ignored))
            return false;
    }
    return !name.ptr;
}

static bool is_printable(struct view url)
{
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || url.ptr[i] == '"' || url.ptr[i] == '\\')
            return false;
    return true;
}

bool acme_url_is_safe(struct view url)
{
    bool is_secret = view_starts_with(url, VIEW("https://"));
    if ((!is_secret && !view_starts_with(url, VIEW("http://"))) || url.len >= ACME_URL_BYTES ||
        !is_printable(url))
        return false;
    struct view rest = view_skip(url, is_secret ? 8 : 7), host = view_cut(&rest, '/');
    return host.len > 0 && host.len <= HOST_BYTES_MAX && view_find(host, '@') < 0 &&
           (is_secret || is_loopback(host));
}

bool acme_url_is_directory(struct view text)
{
    return view_eq(text, VIEW("production")) || view_eq(text, VIEW("staging")) ||
           (text.len < ACME_URL_DIRECTORY_BYTES && acme_url_is_safe(text));
}
