/* The PROXY protocol's version 1: a line of text (proxy-protocol.txt § 2.1). For proxy_header.c. */
#ifndef LB_NET_PROXY_HEADER_V1_H
#define LB_NET_PROXY_HEADER_V1_H

#include "lb/net/proxy_header_parts.h"

#define PROXY_HEADER_V1_BEGINNING VIEW("PROXY ")

/* Reads what begins so, as proxy_header_read does. */
enum proxy_header_result proxy_header_v1_read(struct view bytes, struct proxy_header *out);

/* Writes it for two addresses of one family, or none (NULL). Gives the length. */
size_t proxy_header_v1_write(const struct address *source, const struct address *destination,
                             char out[PROXY_HEADER_WRITTEN_BYTES_MAX]);

#endif
