/* The header of the PROXY protocol, by which a balancer tells whose bytes follow on a connection of its
 * own: version 1, a line of text, and version 2, binary (haproxy, doc/proxy-protocol.txt). Read and
 * written; pure, and bounded. Thread: any. */
#ifndef LB_NET_PROXY_HEADER_H
#define LB_NET_PROXY_HEADER_H

#include "lb/base/address.h"

#define PROXY_HEADER_V1_BYTES_MAX      107u
#define PROXY_HEADER_BYTES_MAX         4096u /* of version 2, with all that it tells besides */
#define PROXY_HEADER_WRITTEN_BYTES_MAX PROXY_HEADER_V1_BYTES_MAX /* of either version */

enum proxy_header_result {
    PROXY_HEADER_MORE,    /* it is not complete: ask again with what has come by then */
    PROXY_HEADER_NOT_ONE, /* what stands here is no such header, as its first bytes tell */
    PROXY_HEADER_WRONG,   /* it begins like one, and is none */
    PROXY_HEADER_DONE,
};

struct proxy_header {
    size_t len;         /* DONE: its bytes; what follows them is the client's */
    bool has_addresses; /* DONE; else the sender asks for itself (LOCAL), or does not know */
    struct address source, destination; /* if it has them */
    const char *problem;                /* WRONG: what is wrong with it. Static */
};

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
