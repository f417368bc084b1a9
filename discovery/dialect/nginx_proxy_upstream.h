/* nginx-proxy's labels about a pool of servers: loadbalance, directives of nginx that say whom requests
 * go to, and keepalive. Pure. */
#ifndef DISCOVERY_DIALECT_NGINX_PROXY_UPSTREAM_H
#define DISCOVERY_DIALECT_NGINX_PROXY_UPSTREAM_H

#include "discovery/dialect/statement.h"

/* Asks it of each service that the statement's claims have a server in; of the container, whether
 * connections to it are kept. What cannot be followed is told. */
void nginx_proxy_upstream_read(const struct statement_source *source, struct statement *statement);

/* Whether the label is one of them. */
bool nginx_proxy_upstream_knows(struct view label);

#endif
