/* nginx-proxy asks for a user where the operator has put a file of users that is called as the host, or
 * as the host and a hash of the path. Pure. */
#ifndef DISCOVERY_DIALECT_NGINX_PROXY_AUTH_H
#define DISCOVERY_DIALECT_NGINX_PROXY_AUTH_H

#include "discovery/dialect/route_wishes.h"

/* Adds the options for that, whether there is a file or not. Host and path are as they are written. */
void nginx_proxy_auth_ask(struct claims *claims, struct view host, struct view path,
                          struct route_wishes *wishes);

#endif
