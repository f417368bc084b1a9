#include "lb/contract/host_port.h"

#include "lb/base/address.h"
#include "lb/contract/host_name.h"

static bool is_of_name(char c)
{
    char lower = view_lower_char(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
}

static size_t name_len(struct view text)
{
    struct address ip;
    size_t at = 0;
    if (text.len > 0 && text.ptr[0] == '[') {
        at = (size_t)(view_find(text, ']') + 1);
        return address_parse_ip(view_of(text.ptr, at), 0, &ip) ? at : 0;
    }
    while (at < text.len && is_of_name(text.ptr[at]))
        at++;
    return at;
}

bool host_port_is(struct view text)
{
    uint64_t port;
    size_t at = name_len(text);
    if (at == 0 || at > HOST_NAME_BYTES_MAX || text.ptr[0] == '.')
        return false;
    return at == text.len || (text.ptr[at] == ':' &&
                              view_parse_u64(view_skip(text, at + 1), UINT16_MAX, &port) && port);
}
