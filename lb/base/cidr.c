#include "lb/base/cidr.h"

#include <stdio.h>

/* The address's octets, IPv4-mapped ones as IPv4. Gives how many. */
static unsigned octets_of(const struct address *address, const unsigned char **octets)
{
    if (address->socket.any.sa_family == AF_INET) {
        *octets = (const unsigned char *)&address->socket.v4.sin_addr;
        return 4;
    }
    *octets = address->socket.v6.sin6_addr.s6_addr;
    if (!IN6_IS_ADDR_V4MAPPED(&address->socket.v6.sin6_addr))
        return 16;
    *octets += 12;
    return 4;
}

/* Whether the first `bits` are the same; `b` NULL stands for zeros. */
static bool match(const unsigned char *a, const unsigned char *b, unsigned from, unsigned bits)
{
    for (unsigned bit = from; bit < bits; bit++) {
        unsigned other = b ? b[bit / 8] : 0u;
        if ((a[bit / 8] ^ other) >> (7 - bit % 8) & 1)
            return false;
    }
    return true;
}

/* Gives how many bits the address has, 0 when it is none. */
static unsigned parse(struct view text, struct cidr *out)
{
    struct view length = text;
    struct view ip = view_cut(&length, '/');
    const unsigned char *octets;
    uint64_t prefix_len;
    if (!address_parse_ip(ip, 0, &out->network))
        return 0;
    unsigned bits = octets_of(&out->network, &octets) * 8;
    if (!length.ptr)
        prefix_len = bits;
    else if (!view_parse_u64(length, bits, &prefix_len))
        return 0;
    out->prefix_len = (unsigned)prefix_len;
    return bits;
}

bool cidr_parse(struct view text, struct cidr *out)
{
    const unsigned char *octets;
    unsigned bits = parse(text, out);
    if (bits == 0)
        return false;
    octets_of(&out->network, &octets);
    return match(octets, NULL, out->prefix_len, bits);
}

bool cidr_parse_masking(struct view text, struct cidr *out)
{
    const unsigned char *octets;
    unsigned bits = parse(text, out);
    if (bits == 0)
        return false;
    octets_of(&out->network, &octets);
    size_t offset = (size_t)(octets - (const unsigned char *)&out->network);
    unsigned char *own = (unsigned char *)&out->network + offset;
    for (unsigned bit = out->prefix_len; bit < bits; bit++)
        own[bit / 8] &= (unsigned char)~(0x80u >> bit % 8);
    return true;
}

bool cidr_contains(const struct cidr *cidr, const struct address *address)
{
    const unsigned char *network, *octets;
    return octets_of(&cidr->network, &network) == octets_of(address, &octets) &&
           match(octets, network, 0, cidr->prefix_len);
}

const char *cidr_format(const struct cidr *cidr, char text[CIDR_TEXT_BYTES])
{
    char ip[ADDRESS_TEXT_BYTES];
    snprintf(text, CIDR_TEXT_BYTES, "%s/%u", address_format_ip(&cidr->network, ip),
             cidr->prefix_len);
    return text;
}
