#include "lb/net/proxy_header_v2.h"

#define HEAD_BYTES       16u
#define INET_BYTES       12u
#define INET6_BYTES      36u
#define UNIX_BYTES       216u
#define TLV_HEAD_BYTES   3u
#define TLV_CRC32C       0x03u
#define CHECKSUM_BYTES   4u
#define VERSION          0x20u /* in the same byte as the command */
#define COMMAND_LOCAL    0x0u
#define COMMAND_PROXY    0x1u
#define TRANSPORT_STREAM 0x1u
#define TRANSPORT_MAX    0x2u

enum family { FAMILY_UNSPEC, FAMILY_INET, FAMILY_INET6, FAMILY_UNIX, FAMILY_COUNT };

static const size_t family_bytes[FAMILY_COUNT] = {
    [FAMILY_INET] = INET_BYTES, [FAMILY_INET6] = INET6_BYTES, [FAMILY_UNIX] = UNIX_BYTES};

static enum proxy_header_result wrong(struct proxy_header *out, const char *problem)
{
    out->problem = problem;
    return PROXY_HEADER_WRONG;
}

static unsigned byte_at(struct view bytes, size_t at)
{
    return (unsigned char)bytes.ptr[at];
}

static unsigned two_bytes_at(struct view bytes, size_t at)
{
    return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

/* ---- the checksum ---------------------------------------------------------------------------- */

/* CRC32c (RFC 3720 appendix B.4) of all bytes, the checksum itself at `hole` as if it were zero. */
static uint32_t checksum_of(struct view bytes, size_t hole)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= i - hole < CHECKSUM_BYTES ? 0 : byte_at(bytes, i);
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
    }
    return ~crc;
}

static bool is_checksum_right(struct view bytes, size_t at)
{
    uint32_t told = (uint32_t)two_bytes_at(bytes, at) << 16 | two_bytes_at(bytes, at + 2);
    return checksum_of(bytes, at) == told;
}

/* What else is told: nothing of it is of use here, but it must be in order. */
static enum proxy_header_result check_rest(struct view bytes, size_t at, struct proxy_header *out)
{
    size_t checksum_at = 0;
    while (at < bytes.len) {
        size_t value_at = at + TLV_HEAD_BYTES;
        if (value_at > bytes.len || two_bytes_at(bytes, at + 1) > bytes.len - value_at)
            return wrong(out, "what it tells besides is longer than the header");
        size_t len = two_bytes_at(bytes, at + 1);
        if (byte_at(bytes, at) == TLV_CRC32C) {
            if (len != CHECKSUM_BYTES || checksum_at > 0)
                return wrong(out, "its checksum is not of four bytes, or there twice");
            checksum_at = value_at;
        }
        at = value_at + len;
    }
    if (checksum_at > 0 && !is_checksum_right(bytes, checksum_at))
        return wrong(out, "its checksum does not match");
    return PROXY_HEADER_DONE;
}

/* ---- read ----------------------------------------------------------------------------------- */

static void read_inet(const char *from, struct proxy_header *out)
{
    struct sockaddr_in *source = &out->source.socket.v4;
    struct sockaddr_in *destination = &out->destination.socket.v4;
    source->sin_family = destination->sin_family = AF_INET;
    memcpy(&source->sin_addr, from, 4);
    memcpy(&destination->sin_addr, from + 4, 4);
    memcpy(&source->sin_port, from + 8, 2);
    memcpy(&destination->sin_port, from + 10, 2);
}

static void read_inet6(const char *from, struct proxy_header *out)
{
    struct sockaddr_in6 *source = &out->source.socket.v6;
    struct sockaddr_in6 *destination = &out->destination.socket.v6;
    source->sin6_family = destination->sin6_family = AF_INET6;
    memcpy(&source->sin6_addr, from, 16);
    memcpy(&destination->sin6_addr, from + 16, 16);
    memcpy(&source->sin6_port, from + 32, 2);
    memcpy(&destination->sin6_port, from + 34, 2);
}

/* Addresses of datagrams are of no connection, and those of other families none that is known here. */
static enum proxy_header_result read_proxied(struct view bytes, struct proxy_header *out)
{
    unsigned family = byte_at(bytes, 13) >> 4, transport = byte_at(bytes, 13) & 0xf;
    if (family >= FAMILY_COUNT || transport > TRANSPORT_MAX)
        return wrong(out, "its address family or transport is not known");
    if (family == FAMILY_UNSPEC)
        return PROXY_HEADER_DONE; /* whatever it has is to be skipped */
    if (bytes.len - HEAD_BYTES < family_bytes[family])
        return wrong(out, "it is too short for its addresses");
    if (family == FAMILY_INET)
        read_inet(bytes.ptr + HEAD_BYTES, out);
    else if (family == FAMILY_INET6)
        read_inet6(bytes.ptr + HEAD_BYTES, out);
    out->has_addresses = family != FAMILY_UNIX && transport == TRANSPORT_STREAM;
    return check_rest(bytes, HEAD_BYTES + family_bytes[family], out);
}

enum proxy_header_result proxy_header_v2_read(struct view bytes, struct proxy_header *out)
{
    if (bytes.len < HEAD_BYTES)
        return PROXY_HEADER_MORE;
    unsigned command = byte_at(bytes, 12) ^ VERSION;
    size_t len = HEAD_BYTES + two_bytes_at(bytes, 14);
    if (command > COMMAND_PROXY)
        return wrong(out, "its version or its command is not known");
    if (len > PROXY_HEADER_BYTES_MAX)
        return wrong(out, "it is longer than 4096 bytes");
    if (bytes.len < len)
        return PROXY_HEADER_MORE;
    out->len = len;
    return command == COMMAND_LOCAL ? PROXY_HEADER_DONE
                                    : read_proxied(view_of(bytes.ptr, len), out);
}

/* ---- written -------------------------------------------------------------------------------- */

static size_t write_inet(const struct address *source, const struct address *destination, char *to)
{
    memcpy(to, &source->socket.v4.sin_addr, 4);
    memcpy(to + 4, &destination->socket.v4.sin_addr, 4);
    memcpy(to + 8, &source->socket.v4.sin_port, 2);
    memcpy(to + 10, &destination->socket.v4.sin_port, 2);
    return INET_BYTES;
}

static size_t write_inet6(const struct address *source, const struct address *destination, char *to)
{
    memcpy(to, &source->socket.v6.sin6_addr, 16);
    memcpy(to + 16, &destination->socket.v6.sin6_addr, 16);
    memcpy(to + 32, &source->socket.v6.sin6_port, 2);
    memcpy(to + 34, &destination->socket.v6.sin6_port, 2);
    return INET6_BYTES;
}

static void write_head(char *out, unsigned command, unsigned family, unsigned transport, size_t len)
{
    struct view beginning = PROXY_HEADER_V2_BEGINNING;
    memcpy(out, beginning.ptr, beginning.len);
    out[12] = (char)(VERSION | command);
    out[13] = (char)(family << 4 | transport);
    out[14] = 0;
    out[15] = (char)len;
}

size_t proxy_header_v2_write(const struct address *source, const struct address *destination,
                             char out[PROXY_HEADER_WRITTEN_BYTES_MAX])
{
    if (!source) {
        write_head(out, COMMAND_LOCAL, FAMILY_UNSPEC, 0, 0);
        return HEAD_BYTES;
    }
    bool is_ipv6 = source->socket.any.sa_family == AF_INET6;
    size_t len = is_ipv6 ? write_inet6(source, destination, out + HEAD_BYTES)
                         : write_inet(source, destination, out + HEAD_BYTES);
    write_head(out, COMMAND_PROXY, is_ipv6 ? FAMILY_INET6 : FAMILY_INET, TRANSPORT_STREAM, len);
    return HEAD_BYTES + len;
}
