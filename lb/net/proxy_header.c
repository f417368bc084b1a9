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

/* A header has one family for both. */
static void agree(struct ends *ends)
{
    address_unmap(&ends->source);
    address_unmap(&ends->destination);
    if (is_ipv6(&ends->source) != is_ipv6(&ends->destination)) {
        address_map(&ends->source);
        address_map(&ends->destination);
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
