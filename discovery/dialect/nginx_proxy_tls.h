/* nginx-proxy's words that ask for TLS, which lb does not have, and its others that lb does not follow.
 * Pure. */
#ifndef DISCOVERY_DIALECT_NGINX_PROXY_TLS_H
#define DISCOVERY_DIALECT_NGINX_PROXY_TLS_H

#include "discovery/dialect/statement.h"

/* False: they forbid that it is served without TLS. What cannot be followed is told. */
bool nginx_proxy_tls_read(const struct statement_source *source, struct claims *claims);

/* Tells all others. */
void nginx_proxy_tls_tell_others(const struct statement_source *source, struct claims *claims);

#endif
