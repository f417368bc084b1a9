/* The words of acme-companion, which orders certificates beside nginx-proxy: LETSENCRYPT_HOST, ACME_HOST and so on. Pure. */
#ifndef DISCOVERY_DIALECT_NGINX_PROXY_ACME_H
#define DISCOVERY_DIALECT_NGINX_PROXY_ACME_H

#include "discovery/dialect/statement.h"

/* Claims the certificates that are wished for: one for all names, or one for each. What the operator says for all, and what
 * lb-acme does not do, is told. */
void nginx_proxy_acme_read(const struct statement_source *source, struct claims *claims);

#endif
