#include "lb/config/config_endpoint.h"

#include "lb/base/memory.h"
#include "lb/config/config_name.h"

#define HOST_MAX_BYTES  253 /* RFC 1035 § 2.3.4, without the final dot */
#define LABEL_MAX_BYTES 63

struct host_port {
    struct view host; /* without brackets */
    bool is_bracketed;
    uint16_t port;
};

static bool is_number(struct view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

/* NULL, or what is wrong. */
static const char *parse_port(struct view text, uint16_t *out)
{
    uint64_t port;
    if (text.len == 0)
        return "has no port";
    if (!is_number(text))
        return "has a port that is no number";
    if (!view_parse_u64(text, UINT16_MAX, &port))
        return "has a port above 65535";
    *out = (uint16_t)port;
    return NULL;
}

/* NULL, or what is wrong. */
static const char *split(struct view text, struct host_port *out)
{
    ptrdiff_t end;
    if (text.len == 0)
        return "is empty";
    out->is_bracketed = text.ptr[0] == '[';
    if (out->is_bracketed) {
        end = view_find(text, ']');
        if (end < 0)
            return "has no closing bracket";
        out->host = view_of(text.ptr + 1, (size_t)end - 1);
        text = view_skip(text, (size_t)end + 1);
        if (text.len == 0 || text.ptr[0] != ':')
            return "has no port";
    } else {
        end = view_find(text, ':');
        if (end < 0)
            return "has no port";
        out->host = view_of(text.ptr, (size_t)end);
        text = view_skip(text, (size_t)end);
        if (view_eq_nocase(out->host, VIEW("http")) && view_starts_with(text, VIEW("://")))
            return "begins with http://, which is left out";
        if (view_starts_with(text, VIEW("://")))
            return "has a scheme that is not known here";
        if (view_find(view_skip(text, 1), ':') >= 0)
            return "has more than one colon, and IPv6 needs brackets as in [::]:8000";
    }
    return parse_port(view_skip(text, 1), &out->port);
}

/* Only IPv6 stands in brackets (RFC 3986 § 3.2.2), and never without them. */
static bool parse_ip(const struct host_port *from, struct address *out)
{
    return address_parse_ip(from->host, from->port, out) &&
           from->is_bracketed == (out->socket.any.sa_family == AF_INET6);
}

const char *config_endpoint_parse_listen(struct view text, struct view default_host,
                                         struct address *out)
{
    struct host_port parts = {.host = default_host};
    bool is_port_alone = is_number(text);
    const char *wrong = is_port_alone ? parse_port(text, &parts.port) : split(text, &parts);
    if (!wrong && parts.host.len == 0 && !parts.is_bracketed)
        parts.host = default_host;
    if (!wrong && !parse_ip(&parts, out))
        wrong = "has a host that is no IP address";
    return wrong;
}

static bool is_label(struct view label)
{
    if (label.len == 0 || label.len > LABEL_MAX_BYTES)
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char c = view_lower_char(label.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return label.ptr[0] != '-' && label.ptr[label.len - 1] != '-';
}

/* RFC 1123 § 2.1, and '_' as Docker's names have it. A name that ends in a number is refused: it
 * is a mistyped IPv4 address. */
static bool is_dns_name(struct view name)
{
    struct view label = {NULL, 0};
    if (name.len > 0 && name.ptr[name.len - 1] == '.')
        name.len--;
    if (name.len == 0 || name.len > HOST_MAX_BYTES)
        return false;
    while (name.ptr) {
        label = view_cut(&name, '.');
        if (!is_label(label))
            return false;
    }
    return !is_number(label);
}

const char *config_endpoint_parse_server(struct view text, struct config_backend *out)
{
    struct host_port parts = {.port = 0};
    struct address ip;
    char canonical[ADDRESS_TEXT_BYTES];
    const char *wrong = split(text, &parts);
    if (wrong)
        return wrong;
    if (parts.port == 0)
        return "has port 0, which nothing can listen on";
    if (parse_ip(&parts, &ip))
        parts.host = view_str(address_format_ip(&ip, canonical));
    else if (parts.host.len == 0)
        return "has no host";
    else if (parts.is_bracketed || !is_dns_name(parts.host))
        return "has a host that is no IP address or DNS name";
    *out = (struct config_backend){.host = memory_copy(parts.host.ptr, parts.host.len),
                                   .port = parts.port};
    return NULL;
}

/* ---- backends ---------------------------------------------------------------------------------- */

/* What stands before the first '=', which no host has; without it a view of NULL. */
static struct view cut_service(struct view *text)
{
    struct view rest = *text, service = view_cut(&rest, '=');
    if (!rest.ptr)
        return view_of(NULL, 0);
    *text = rest;
    return service;
}

static enum protocol cut_protocol(struct view *text)
{
    static const struct {
        struct view scheme;
        enum protocol protocol;
    } schemes[] = {{{"https://", 8}, PROTOCOL_HTTPS},
                   {{"tcp://", 6}, PROTOCOL_TCP},
                   {{"udp://", 6}, PROTOCOL_UDP}};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (!view_starts_with(*text, schemes[i].scheme))
            continue;
        *text = view_skip(*text, schemes[i].scheme.len);
        return schemes[i].protocol;
    }
    return PROTOCOL_HTTP;
}

const char *config_endpoint_parse_backend(struct view text, struct config_backend *out)
{
    struct view service = cut_service(&text);
    enum protocol protocol = cut_protocol(&text);
    if (service.ptr && config_name_check(service))
        return "has a service before its = that cannot have this name";
    const char *wrong = config_endpoint_parse_server(text, out);
    if (wrong)
        return wrong;
    out->service = service.ptr ? memory_copy(service.ptr, service.len) : NULL;
    out->protocol = protocol;
    return NULL;
}
