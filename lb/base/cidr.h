/* A range of IP addresses: "10.0.0.0/8", "fd00::/8", or one address. */
#ifndef LB_BASE_CIDR_H
#define LB_BASE_CIDR_H

#include "lb/base/address.h"

#define CIDR_TEXT_BYTES (ADDRESS_TEXT_BYTES + 4)

struct cidr {
    struct address network; /* bits behind the prefix are zero; port 0 */
    unsigned prefix_len;
};

/* Parses "IP/LENGTH" or "IP". Fails: false, also when bits behind the prefix are set. */
bool cidr_parse(struct view text, struct cidr *out);

/* The same, but bits behind the prefix are cleared. */
bool cidr_parse_masking(struct view text, struct cidr *out);

/* An IPv4-mapped IPv6 address counts as IPv4. */
bool cidr_contains(const struct cidr *cidr, const struct address *address);

/* Gives `text`. */
const char *cidr_format(const struct cidr *cidr, char text[CIDR_TEXT_BYTES]);

#endif
