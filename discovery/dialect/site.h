/* Hosts and paths of sites as people write them for nginx-proxy, fabio and lb. Pure. */
#ifndef DISCOVERY_DIALECT_SITE_H
#define DISCOVERY_DIALECT_SITE_H

#include "discovery/dialect/claims.h"

#define SITE_PATTERNS_MAX 2

/* What one host of a list, not empty, stands for: a.test, *.test, www.*, ~regex; .test is two. Gives
 * how many; the patterns are kept by `claims`. */
size_t site_read_host(struct claims *claims, struct view item,
                      struct route_pattern out[SITE_PATTERNS_MAX]);

/* What a path stands for: /app begins as `start` says, = /app, ^~ /app (byte by byte), ~ regex,
 * ~* regex; / is all of them. */
struct route_pattern site_read_path(struct claims *claims, struct view path, enum route_kind start);

#endif
