/* The matchers of Traefik's rules for TCP: HostSNI and ALPN. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_SNI_H
#define DISCOVERY_DIALECT_TRAEFIK_SNI_H

#include "discovery/dialect/traefik_rule.h"

/* Conditions of TRAEFIK_ANY, TRAEFIK_HOST, TRAEFIK_HOST_WILD and TRAEFIK_ALPN; of several values any will
 * do. What Traefik has beside these is refused, with a sentence that says so. */
extern const struct traefik_matchers traefik_sni_matchers;

#endif
