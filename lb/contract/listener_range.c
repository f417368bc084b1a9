#include "lb/contract/listener_range.h"

#define ACCEPTED "LOW-HIGH or IP:LOW-HIGH, for example 10000-10999, or off, is accepted"

static bool refuse(struct text *problem, const char *what)
{
    text_appendf(problem, "%s; " ACCEPTED, what);
    return false;
}

static bool is_port(struct view text, uint16_t *out)
{
    unsigned value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || i > 4)
            return false;
        value = value * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *out = (uint16_t)value;
    return text.len > 0 && value <= UINT16_MAX;
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
    struct view ports = text;
    if (view_eq_nocase(text, VIEW("off"))) {
        *out = range;
        return true;
    }
    struct view host = cut_host(&ports);
    struct view high = ports;
    ports = view_cut(&high, '-');
    if (!is_port(ports, &range.low) || !is_port(high, &range.high) || range.low == 0 ||
        range.low > range.high)
        return refuse(problem, "is no range of ports");
    if (!address_parse_ip(host.len > 0 ? host : VIEW("0.0.0.0"), 0, &range.at))
        return refuse(problem, "begins with no IP address");
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
