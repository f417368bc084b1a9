#include "lb/contract/listener_range.h"

static bool refuse(struct text *problem, const char *what)
{
    text_appendf(problem,
                 "%s; LOW-HIGH or IP:LOW-HIGH, for example 10000-10999, or off, is accepted", what);
    return false;
}

static bool is_port(struct view text, uint16_t *out)
{
    uint64_t value;
    if (!view_parse_u64(text, UINT16_MAX, &value) || value == 0)
        return false;
    *out = (uint16_t)value;
    return true;
}

/* What stands before the last colon. */
static struct view cut_host(struct view *text)
{
    size_t end = text->len;
    while (end > 0 && text->ptr[end - 1] != ':')
        end--;
    struct view host = view_of(text->ptr, end > 0 ? end - 1 : 0);
    *text = view_skip(*text, end);
    return host;
}

bool listener_range_parse(struct view text, struct listener_range *out, struct text *problem)
{
    struct listener_range range = {0};
    struct view high = text;
    if (view_eq(text, VIEW("off"))) {
        *out = range;
        return true;
    }
    struct view host = cut_host(&high);
    bool has_host = high.ptr != text.ptr, is_bracketed = host.len > 0 && host.ptr[0] == '[';
    struct view low = view_cut(&high, '-');
    if (!is_port(low, &range.low) || !is_port(high, &range.high) || range.low > range.high)
        return refuse(problem, "is no range of ports");
    if (!address_parse_ip(has_host ? host : VIEW("0.0.0.0"), 0, &range.at) ||
        is_bracketed != (range.at.socket.any.sa_family == AF_INET6))
        return refuse(problem, "begins with no IP address, or with one of IPv6 without brackets");
    *out = range;
    return true;
}

void listener_range_format(const struct listener_range *range, struct text *out)
{
    char at[ADDRESS_TEXT_BYTES];
    if (range->low == 0) {
        text_append_str(out, "off");
        return;
    }
    struct view host = view_str(address_format(&range->at, at));
    cut_host(&host);
    text_append(out, view_of(at, (size_t)(host.ptr - at) - 1));
    text_appendf(out, ":%u-%u", range->low, range->high);
}
