/* What of a catalog concerns one container: what it defines itself, and whatever its routers and
 * middlewares name. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_CONCERN_H
#define DISCOVERY_DIALECT_TRAEFIK_CONCERN_H

#include "discovery/dialect/traefik_catalog.h"

/* A number that is another one when the container would be read otherwise because of the catalog;
 * never 0. */
uint64_t traefik_concern(const struct traefik_catalog *catalog, const struct traefik_items *items);

#endif
