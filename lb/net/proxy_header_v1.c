#include "lb/net/proxy_header_v1.h"

#include <arpa/inet.h>
#include <stdio.h>

static enum proxy_header_result wrong(struct proxy_header *out, const char *problem)
{
    out->problem = problem;
    return PROXY_HEADER_WRONG;
}

/* ---- read ----------------------------------------------------------------------------------- */

/* "heading zeroes are not permitted" */
static bool parse_port(struct view text, uint16_t *out)
{
    uint64_t port;
    if ((text.len > 1 && text.ptr[0] == '0') || !view_parse_u64(text, UINT16_MAX, &port))
        return false;
    *out = (uint16_t)port;
    return true;
}

static bool parse_end(struct view ip, struct view port, sa_family_t family, struct address *out)
{
    uint16_t number;
    return view_find(ip, '[') < 0 && parse_port(port, &number) &&
           address_parse_ip(ip, number, out) && out->socket.any.sa_family == family;
}

static enum proxy_header_result read_ends(struct view rest, sa_family_t family,
                                          struct proxy_header *out)
{
    struct view source_ip = view_cut(&rest, ' '), destination_ip = view_cut(&rest, ' ');
    struct view source_port = view_cut(&rest, ' '), destination_port = view_cut(&rest, ' ');
    if (rest.ptr)
        return wrong(out, "something stands behind its ports");
    if (!parse_end(source_ip, source_port, family, &out->source))
        return wrong(out, "its source is no address and port of that protocol");
    if (!parse_end(destination_ip, destination_port, family, &out->destination))
        return wrong(out, "its destination is no address and port of that protocol");
    out->has_addresses = true;
    return PROXY_HEADER_DONE;
}

/* What stands behind "UNKNOWN" is to be ignored. */
static enum proxy_header_result read_line(struct view line, struct proxy_header *out)
{
    struct view protocol = view_cut(&line, ' ');
    if (view_eq(protocol, VIEW("TCP4")))
        return read_ends(line, AF_INET, out);
    if (view_eq(protocol, VIEW("TCP6")))
        return read_ends(line, AF_INET6, out);
    if (view_eq(protocol, VIEW("UNKNOWN")))
        return PROXY_HEADER_DONE;
    return wrong(out, "its protocol is none of TCP4, TCP6 and UNKNOWN");
}

enum proxy_header_result proxy_header_v1_read(struct view bytes, struct proxy_header *out)
{
    if (bytes.len > PROXY_HEADER_V1_BYTES_MAX)
        bytes.len = PROXY_HEADER_V1_BYTES_MAX;
    ptrdiff_t end = view_find(bytes, '\n');
    if (end < 0 && bytes.len < PROXY_HEADER_V1_BYTES_MAX)
        return PROXY_HEADER_MORE;
    if (end < 0)
        return wrong(out, "its line has no end within 107 bytes");
    if (bytes.ptr[end - 1] != '\r')
        return wrong(out, "its line does not end in CR LF");
    out->len = (size_t)end + 1;
    bytes.len = (size_t)end - 1;
    return read_line(view_skip(bytes, PROXY_HEADER_V1_BEGINNING.len), out);
}

/* ---- written -------------------------------------------------------------------------------- */

static const void *ip_of(const struct address *address)
{
    return address->socket.any.sa_family == AF_INET6 ? (const void *)&address->socket.v6.sin6_addr
                                                     : (const void *)&address->socket.v4.sin_addr;
}

size_t proxy_header_v1_write(const struct address *source, const struct address *destination,
                             char out[PROXY_HEADER_WRITTEN_BYTES_MAX])
{
    struct view unknown = VIEW("PROXY UNKNOWN\r\n");
    char line[PROXY_HEADER_WRITTEN_BYTES_MAX + 1], from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
    if (!source) {
        memcpy(out, unknown.ptr, unknown.len);
        return unknown.len;
    }
    int family = source->socket.any.sa_family;
    inet_ntop(family, ip_of(source), from, sizeof(from));
    inet_ntop(family, ip_of(destination), to, sizeof(to));
    int len =
        snprintf(line, sizeof(line), "PROXY TCP%c %s %s %u %u\r\n", family == AF_INET6 ? '6' : '4',
                 from, to, (unsigned)address_port(source), (unsigned)address_port(destination));
    memcpy(out, line, (size_t)len);
    return (size_t)len;
}
