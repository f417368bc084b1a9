/* An IP address with its port, as the socket calls want it. */
#ifndef LB_BASE_ADDRESS_H
#define LB_BASE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "lb/base/view.h"

#define ADDRESS_TEXT_BYTES 64

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket;
};

/* Parses an IP literal ("10.0.0.2", "fd00::2", "[fd00::2]"; brackets only around IPv6, RFC 3986
 * § 3.2.2). Fails: false. */
bool address_parse_ip(struct view ip, uint16_t port, struct address *out);

/* Parses "IP:PORT" or "[IPv6]:PORT", port 0 to 65535. Fails: false. */
bool address_parse(struct view text, struct address *out);

/* Takes what accept() or getaddrinfo() gave; other families than IPv4 and IPv6 fail (false). */
bool address_from_sockaddr(const struct sockaddr *from, struct address *out);

/* How much of it the socket calls want. */
static inline socklen_t address_size(const struct address *address)
{
    return address->socket.any.sa_family == AF_INET6 ? sizeof(address->socket.v6)
                                                     : sizeof(address->socket.v4);
}

/* Same family, IP, port, and link of an IPv6 address (scope id). */
bool address_eq(const struct address *a, const struct address *b);
uint16_t address_port(const struct address *address);
void address_set_port(struct address *address, uint16_t port);

/* One for each client: of IPv6 the /64, which is what one is given. The same for an IPv4 address and one
 * that is mapped to IPv6. */
uint64_t address_client_number(const struct address *address);

/* An IPv4 address becomes one of IPv6 to which it is mapped (RFC 4291 § 2.5.5.2), or such a one an IPv4
 * address; others stay as they are. */
void address_map(struct address *address);
void address_unmap(struct address *address);

bool address_is_loopback(const struct address *address);

/* Loopback, RFC 1918, RFC 4193, link-local and shared (RFC 6598) ranges. */
bool address_is_private(const struct address *address);

/* "10.0.0.2:80" or "[fd00::2]:80". Gives `text`. */
const char *address_format(const struct address *address, char text[ADDRESS_TEXT_BYTES]);

/* The IP alone, no brackets; an IPv4-mapped IPv6 address is written as IPv4. Gives `text`. */
const char *address_format_ip(const struct address *address, char text[ADDRESS_TEXT_BYTES]);

#endif
