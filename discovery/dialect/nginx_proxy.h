/* nginx-proxy's words: VIRTUAL_HOST, VIRTUAL_PORT, VIRTUAL_PATH, VIRTUAL_DEST, VIRTUAL_PROTO,
 * VIRTUAL_HOST_MULTIPORTS, NETWORK_ACCESS and others, as variables, then as labels; and its labels
 * com.github.nginx-proxy.*. All containers with the same host and path are one pool. Pure. */
#ifndef DISCOVERY_DIALECT_NGINX_PROXY_H
#define DISCOVERY_DIALECT_NGINX_PROXY_H

#include "discovery/dialect/statement.h"

/* What is said of the proxy itself, not of a container. Borrowed. */
struct nginx_proxy_settings {
    const char *default_host;   /* DEFAULT_HOST: the host, as it is written, that all others get */
    const char *network_access; /* NETWORK_ACCESS, where a container has none */
    bool has_htpasswd;          /* there are files of users: --htpasswd-dir */
};

/* What they say of a container. `statement` says nothing before. */
void nginx_proxy_read(const struct statement_source *source, struct statement *statement);

#endif
