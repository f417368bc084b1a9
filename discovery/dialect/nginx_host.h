/* Hosts and locations as nginx-proxy's words write them. Pure. */
#ifndef DISCOVERY_DIALECT_NGINX_HOST_H
#define DISCOVERY_DIALECT_NGINX_HOST_H

#include "discovery/dialect/claims.h"

#define NGINX_HOST_PATTERNS_MAX 2

/* What one item of VIRTUAL_HOST stands for: a.test, *.test, www.*, ~regex; .test is two. Gives how
 * many; the patterns are kept by `claims`. */
size_t nginx_host_read(struct claims *claims, struct view item,
                       struct route_pattern out[NGINX_HOST_PATTERNS_MAX]);

/* What VIRTUAL_PATH stands for: /app (byte by byte), = /app, ^~ /app, ~ regex, ~* regex. */
struct route_pattern nginx_host_read_path(struct claims *claims, struct view path);

#endif
