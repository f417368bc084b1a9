/* nginx-proxy's words on TLS: HTTPS_METHOD, HSTS, CERT_NAME and so on, as options of routes; and its others that lb does
 * not follow. Pure. */
#ifndef DISCOVERY_DIALECT_NGINX_PROXY_TLS_H
#define DISCOVERY_DIALECT_NGINX_PROXY_TLS_H

#include "discovery/dialect/route_wishes.h"
#include "discovery/dialect/statement.h"

/* The value of a variable, or of a label where there is none. Trimmed; borrowed. */
struct view nginx_proxy_tls_find(const struct statement_source *source, const char *word);

/* What is asked of each of its routes; a word that cannot be used is told. Borrows from the source. */
void nginx_proxy_tls_read(const struct statement_source *source, struct claims *claims,
                          struct route_wishes *wishes);

/* Tells all others. */
void nginx_proxy_tls_tell_others(const struct statement_source *source, struct claims *claims);

#endif
