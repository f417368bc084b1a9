/* The middlewares that a router names, and those that they name. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_MIDDLEWARES_H
#define DISCOVERY_DIALECT_TRAEFIK_MIDDLEWARES_H

#include "discovery/dialect/traefik_catalog.h"
#include "discovery/dialect/traefik_treatment.h"

/* By the option "middlewares" of the router; what cannot be done is told to `claims`, which keep what
 * the treatment borrows, unless nothing may be served without it. */
void traefik_middlewares_read(const struct traefik_catalog *catalog,
                              const struct traefik_item *router, struct claims *claims,
                              struct traefik_treatment *out);

#endif
