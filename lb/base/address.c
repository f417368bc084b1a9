#include "lb/base/address.h"

#include <arpa/inet.h>
#include <stdio.h>

bool address_parse_ip(struct view ip, uint16_t port, struct address *out)
{
    char text[INET6_ADDRSTRLEN];
    bool is_bracketed = ip.len >= 2 && ip.ptr[0] == '[' && ip.ptr[ip.len - 1] == ']';
    if (is_bracketed)
        ip = view_of(ip.ptr + 1, ip.len - 2);
    if (ip.len == 0 || ip.len >= sizeof(text) || view_find(ip, '\0') >= 0)
        return false;
    memcpy(text, ip.ptr, ip.len);
    text[ip.len] = '\0';
    *out = (struct address){0};
    if (!is_bracketed && inet_pton(AF_INET, text, &out->socket.v4.sin_addr) == 1) {
        out->socket.v4.sin_family = AF_INET;
        out->socket.v4.sin_port = htons(port);
        return true;
    }
    if (inet_pton(AF_INET6, text, &out->socket.v6.sin6_addr) == 1) {
        out->socket.v6.sin6_family = AF_INET6;
        out->socket.v6.sin6_port = htons(port);
        return true;
    }
    return false;
}

bool address_parse(struct view text, struct address *out)
{
    uint64_t port;
    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0 || !view_parse_u64(view_skip(text, colon), UINT16_MAX, &port))
        return false;
    struct view ip = view_of(text.ptr, colon - 1);
    bool bracketed = ip.len > 0 && ip.ptr[0] == '[';
    if (!bracketed && view_find(ip, ':') >= 0)
        return false;
    return address_parse_ip(ip, (uint16_t)port, out);
}

bool address_from_sockaddr(const struct sockaddr *from, struct address *out)
{
    *out = (struct address){0};
    if (from->sa_family == AF_INET)
        memcpy(&out->socket.v4, from, sizeof(out->socket.v4));
    else if (from->sa_family == AF_INET6)
        memcpy(&out->socket.v6, from, sizeof(out->socket.v6));
    else
        return false;
    return true;
}

bool address_eq(const struct address *a, const struct address *b)
{
    if (a->socket.any.sa_family != b->socket.any.sa_family || address_port(a) != address_port(b))
        return false;
    if (a->socket.any.sa_family == AF_INET)
        return a->socket.v4.sin_addr.s_addr == b->socket.v4.sin_addr.s_addr;
    return a->socket.v6.sin6_scope_id == b->socket.v6.sin6_scope_id &&
           memcmp(&a->socket.v6.sin6_addr, &b->socket.v6.sin6_addr, sizeof(struct in6_addr)) == 0;
}

uint16_t address_port(const struct address *address)
{
    return ntohs(address->socket.any.sa_family == AF_INET ? address->socket.v4.sin_port
                                                          : address->socket.v6.sin6_port);
}

void address_set_port(struct address *address, uint16_t port)
{
    if (address->socket.any.sa_family == AF_INET)
        address->socket.v4.sin_port = htons(port);
    else
        address->socket.v6.sin6_port = htons(port);
}

static bool is_private_v4(uint32_t ip)
{
    return ip >> 24 == 10 || ip >> 24 == 127 || ip >> 20 == 0xAC1 || ip >> 16 == 0xC0A8 ||
           ip >> 16 == 0xA9FE || ip >> 22 == 0x191;
}

/* The IPv4 address inside an IPv4 or IPv4-mapped one, host order. */
static bool get_v4(const struct address *address, uint32_t *ip)
{
    if (address->socket.any.sa_family == AF_INET) {
        *ip = ntohl(address->socket.v4.sin_addr.s_addr);
        return true;
    }
    const struct in6_addr *v6 = &address->socket.v6.sin6_addr;
    if (!IN6_IS_ADDR_V4MAPPED(v6))
        return false;
    uint32_t network_order;
    memcpy(&network_order, &v6->s6_addr[12], sizeof(network_order));
    *ip = ntohl(network_order);
    return true;
}

uint64_t address_client_number(const struct address *address)
{
    uint32_t ip;
    if (get_v4(address, &ip))
        return ip;
    uint64_t number;
    memcpy(&number, address->socket.v6.sin6_addr.s6_addr, sizeof(number));
    return number;
}

void address_map(struct address *address)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = address->socket.v4.sin_port};
    if (address->socket.any.sa_family != AF_INET)
        return;
    memset(&v6.sin6_addr.s6_addr[10], 0xff, 2);
    memcpy(&v6.sin6_addr.s6_addr[12], &address->socket.v4.sin_addr, 4);
    *address = (struct address){.socket.v6 = v6};
}

void address_unmap(struct address *address)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = address->socket.v6.sin6_port};
    if (address->socket.any.sa_family != AF_INET6 ||
        !IN6_IS_ADDR_V4MAPPED(&address->socket.v6.sin6_addr))
        return;
    memcpy(&v4.sin_addr, &address->socket.v6.sin6_addr.s6_addr[12], sizeof(v4.sin_addr));
    *address = (struct address){.socket.v4 = v4};
}

bool address_is_loopback(const struct address *address)
{
    uint32_t ip;
    if (get_v4(address, &ip))
        return ip >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&address->socket.v6.sin6_addr);
}

bool address_is_private(const struct address *address)
{
    uint32_t ip;
    if (get_v4(address, &ip))
        return is_private_v4(ip);
    const struct in6_addr *v6 = &address->socket.v6.sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(v6) || IN6_IS_ADDR_LINKLOCAL(v6) || (v6->s6_addr[0] & 0xFE) == 0xFC;
}

const char *address_format(const struct address *address, char text[ADDRESS_TEXT_BYTES])
{
    char ip[INET6_ADDRSTRLEN];
    if (address->socket.any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->socket.v4.sin_addr, ip, sizeof(ip));
        snprintf(text, ADDRESS_TEXT_BYTES, "%s:%u", ip, address_port(address));
    } else {
        inet_ntop(AF_INET6, &address->socket.v6.sin6_addr, ip, sizeof(ip));
        snprintf(text, ADDRESS_TEXT_BYTES, "[%s]:%u", ip, address_port(address));
    }
    return text;
}

static char *write_octet(char *at, unsigned octet)
{
    if (octet >= 100)
        *at++ = (char)('0' + octet / 100);
    if (octet >= 10)
        *at++ = (char)('0' + octet / 10 % 10);
    *at++ = (char)('0' + octet % 10);
    return at;
}

/* By hand, because inet_ntop is a printf, and each connection is written once. */
static void write_v4(uint32_t ip, char text[ADDRESS_TEXT_BYTES])
{
    char *at = text;
    for (unsigned shift = 32; shift > 0;) {
        shift -= 8;
        at = write_octet(at, ip >> shift & 255);
        *at++ = shift > 0 ? '.' : '\0';
    }
}

const char *address_format_ip(const struct address *address, char text[ADDRESS_TEXT_BYTES])
{
    uint32_t ip;
    if (get_v4(address, &ip)) {
        write_v4(ip, text);
    } else {
        inet_ntop(AF_INET6, &address->socket.v6.sin6_addr, text, ADDRESS_TEXT_BYTES);
    }
    return text;
}
