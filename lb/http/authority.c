#include "lb/http/authority.h"

#include "lb/base/address.h"
#include "lb/http/chars.h"

bool authority_is_valid(struct view text)
{
    struct address ip;
    uint64_t port;
    size_t at = 0;
    if (text.len > 0 && text.ptr[0] == '[') {
        at = (size_t)view_find(text, ']') + 1;
        if (!address_parse_ip(view_of(text.ptr, at), 0, &ip))
            return false;
    } else {
        while (at < text.len && chars_is_host(text.ptr[at]))
            at++;
    }
    if (at == text.len)
        return true;
    struct view digits = view_skip(text, at + 1);
    return at > 0 && text.ptr[at] == ':' &&
           (digits.len == 0 || view_parse_u64(digits, UINT16_MAX, &port));
}
