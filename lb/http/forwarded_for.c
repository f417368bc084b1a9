#include "lb/http/forwarded_for.h"

/* Empty elements are none (RFC 9110 § 5.6.1.2). */
static bool is_between(char c)
{
    return c == ',' || c == ' ' || c == '\t';
}

struct view forwarded_for_cut(struct view *chain)
{
    size_t at = chain->len;
    while (at > 0 && chain->ptr[at - 1] != ',')
        at--;
    struct view element = view_trim(view_skip(*chain, at));
    while (at > 0 && is_between(chain->ptr[at - 1]))
        at--;
    *chain = at > 0 ? view_of(chain->ptr, at) : view_of(NULL, 0);
    return element;
}

struct view forwarded_for_ip(struct view element)
{
    struct address address;
    uint64_t port;
    bool is_bracketed = element.len > 0 && element.ptr[0] == '[';
    ptrdiff_t colon = view_find(element, ':');
    if (is_bracketed) {
        size_t end = (size_t)(view_find(element, ']') + 1);
        colon = end < element.len && element.ptr[end] == ':' ? (ptrdiff_t)end : -1;
    } else if (colon >= 0 && view_find(view_skip(element, (size_t)colon + 1), ':') >= 0) {
        colon = -1; /* IPv6 */
    }
    if (colon >= 0 && view_parse_u64(view_skip(element, (size_t)colon + 1), UINT16_MAX, &port))
        element.len = (size_t)colon;
    if (!address_parse_ip(element, 0, &address))
        return view_of(NULL, 0);
    return is_bracketed ? view_of(element.ptr + 1, element.len - 2) : element;
}

static bool is_trusted(struct view element, const struct trust *trust)
{
    struct address address;
    if (!address_parse_ip(forwarded_for_ip(element), 0, &address))
        return false;
    for (unsigned i = 0; i < trust->count; i++)
        if (cidr_contains(&trust->cidrs[i], &address))
            return true;
    return false;
}

struct view forwarded_for_client(struct view chain, const struct trust *trust)
{
    struct view client = chain;
    do
        client = forwarded_for_cut(&chain);
    while (chain.ptr && is_trusted(client, trust));
    return client;
}
