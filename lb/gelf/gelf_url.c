#include "lb/gelf/gelf_url.h"

#include <string.h>

#include "lb/base/address.h"
#include "lb/base/view.h"

static bool fail(const char **problem, const char *what)
{
    *problem = what;
    return false;
}

static bool cut_scheme(struct view *text, enum gelf_transport *transport)
{
    *transport = view_starts_with(*text, VIEW("tcp://")) ? GELF_TCP : GELF_UDP;
    if (*transport == GELF_UDP && !view_starts_with(*text, VIEW("udp://")))
        return false;
    *text = view_skip(*text, sizeof("udp://") - 1);
    return true;
}

/* "[fd00::1]" and what follows it. */
static bool cut_brackets(struct view *text, struct view *host)
{
    struct address ignored;
    ptrdiff_t end = view_find(*text, ']');
    if (end < 0 || !address_parse_ip(view_of(text->ptr, (size_t)end + 1), 0, &ignored))
        return false;
    *host = view_of(text->ptr + 1, (size_t)end - 1);
    *text = view_skip(*text, (size_t)end + 1);
    return true;
}

static bool is_name(struct view host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = view_lower_char(host.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_')
            return false;
    }
    return host.len > 0 && host.ptr[0] != '.';
}

static bool cut_host(struct view *text, struct view *host, const char **problem)
{
    if (text->len > 0 && text->ptr[0] == '[')
        return cut_brackets(text, host) || fail(problem, "what stands in [] is no IPv6 address");
    ptrdiff_t colon = view_find(*text, ':');
    *host = view_of(text->ptr, colon < 0 ? text->len : (size_t)colon);
    *text = view_skip(*text, host->len);
    if (view_find(view_skip(*text, text->len > 0), ':') >= 0)
        return fail(problem, "an IPv6 address stands in [], as in udp://[fd00::1]:12201");
    if (host->len == 0)
        return fail(problem, "it has no host");
    return is_name(*host) || fail(problem, "its host is neither a name nor an address");
}

static bool read_port(struct view text, uint16_t *port, const char **problem)
{
    uint64_t number = GELF_URL_PORT;
    if (text.len > 0 && (text.ptr[0] != ':' ||
                         !view_parse_u64(view_skip(text, 1), UINT16_MAX, &number) || number == 0))
        return fail(problem, "behind the host stands at most a port, 1 to 65535");
    *port = (uint16_t)number;
    return true;
}

bool gelf_url_parse(const char *text, struct gelf_url *out, const char **problem)
{
    struct gelf_url url = {0};
    struct view rest = view_str(text), host = {NULL, 0};
    if (!cut_scheme(&rest, &url.transport))
        return fail(problem, "it begins neither with udp:// nor with tcp://");
    if (view_ends_with(rest, VIEW("/")))
        rest.len--;
    if (!cut_host(&rest, &host, problem) || !read_port(rest, &url.port, problem))
        return false;
    if (host.len >= sizeof(url.host))
        return fail(problem, "its host is longer than 255 characters");
    memcpy(url.host, host.ptr, host.len);
    *out = url;
    return true;
}
