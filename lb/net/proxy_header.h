/* The header of the PROXY protocol, by which a balancer tells whose bytes follow on a connection of its
 * own: version 1, a line of text, and version 2, binary (haproxy, doc/proxy-protocol.txt). Read and
 * written; pure, and bounded. Thread: any. */
#ifndef LB_NET_PROXY_HEADER_H
#define LB_NET_PROXY_HEADER_H

#include "lb/net/proxy_header_parts.h"

/* Reads what a connection begins with: all bytes that have come, from the first on. Asked with any
 * pieces it takes a time that is linear in the bytes, but for 107 at the most. A checksum is checked,
 * where there is one. */
enum proxy_header_result proxy_header_read(struct view bytes, struct proxy_header *out);

/* Writes one for TCP and gives its length. A `source` of NULL: UNKNOWN in version 1, LOCAL in version
 * 2. Where one is of IPv4 and the other of IPv6 both are told as IPv6. */
size_t proxy_header_write_v1(const struct address *source, const struct address *destination,
                             char out[PROXY_HEADER_WRITTEN_BYTES_MAX]);
size_t proxy_header_write_v2(const struct address *source, const struct address *destination,
                             char out[PROXY_HEADER_WRITTEN_BYTES_MAX]);

#endif
