#include "lb/net/proxy_header.h"

#include "lb/net/proxy_header_v1.h"
#include "lb/net/proxy_header_v2.h"

/* ---- read ----------------------------------------------------------------------------------- */

/* DONE: all of the beginning is there. */
static enum proxy_header_result compare(struct view bytes, struct view beginning)
{
    size_t len = bytes.len < beginning.len ? bytes.len : beginning.len;
    if (len > 0 && memcmp(bytes.ptr, beginning.ptr, len) != 0)
        return PROXY_HEADER_NOT_ONE;
    return len == beginning.len ? PROXY_HEADER_DONE : PROXY_HEADER_MORE;
}

enum proxy_header_result proxy_header_read(struct view bytes, struct proxy_header *out)
{
    enum proxy_header_result as_v1 = compare(bytes, PROXY_HEADER_V1_BEGINNING);
    enum proxy_header_result as_v2 = compare(bytes, PROXY_HEADER_V2_BEGINNING);
    *out = (struct proxy_header){0};
    if (as_v1 == PROXY_HEADER_DONE)
        return proxy_header_v1_read(bytes, out);
    if (as_v2 == PROXY_HEADER_DONE)
        return proxy_header_v2_read(bytes, out);
    return as_v1 == PROXY_HEADER_MORE ? as_v1 : as_v2;
}

/* ---- written -------------------------------------------------------------------------------- */

struct ends {
    struct address source, destination;
};

static bool is_ipv6(const struct address *address)
{
    return address->socket.any.sa_family == AF_INET6;
}

/* An IPv4 address that is mapped to IPv6, as a socket of both has them, becomes one of IPv4. */
static void unmap(struct address *address)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = address->socket.v6.sin6_port};
    if (!is_ipv6(address) || !IN6_IS_ADDR_V4MAPPED(&address->socket.v6.sin6_addr))
        return;
    memcpy(&v4.sin_addr, &address->socket.v6.sin6_addr.s6_addr[12], sizeof(v4.sin_addr));
    address->socket.v4 = v4;
}

static void map(struct address *address)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = address->socket.v4.sin_port};
    if (is_ipv6(address))
        return;
    memset(&v6.sin6_addr.s6_addr[10], 0xff, 2);
    memcpy(&v6.sin6_addr.s6_addr[12], &address->socket.v4.sin_addr, 4);
    address->socket.v6 = v6;
}

/* A header has one family for both. */
static void agree(struct ends *ends)
{
    unmap(&ends->source);
    unmap(&ends->destination);
    if (is_ipv6(&ends->source) != is_ipv6(&ends->destination)) {
        map(&ends->source);
        map(&ends->destination);
    }
}

size_t proxy_header_write_v1(const struct address *source, const struct address *destination,
                             char out[PROXY_HEADER_WRITTEN_BYTES_MAX])
{
    if (!source)
        return proxy_header_v1_write(NULL, NULL, out);
    struct ends ends = {*source, *destination};
    agree(&ends);
    return proxy_header_v1_write(&ends.source, &ends.destination, out);
}

size_t proxy_header_write_v2(const struct address *source, const struct address *destination,
                             char out[PROXY_HEADER_WRITTEN_BYTES_MAX])
{
    if (!source)
        return proxy_header_v2_write(NULL, NULL, out);
    struct ends ends = {*source, *destination};
    agree(&ends);
    return proxy_header_v2_write(&ends.source, &ends.destination, out);
}
