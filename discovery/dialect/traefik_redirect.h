/* Traefik's redirectScheme and redirectRegex. lb redirects once, by the URL as the client has sent it;
 * what asks for more is refused. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_REDIRECT_H
#define DISCOVERY_DIALECT_TRAEFIK_REDIRECT_H

#include "discovery/dialect/traefik_treatment.h"

void traefik_redirect_scheme(struct traefik_treatment *treatment, const struct traefik_item *item);
void traefik_redirect_regex(struct traefik_treatment *treatment, const struct traefik_item *item);

#endif
