/* What labels define for Traefik's TCP and UDP: routers, which lead from entry points to services, and the
 * services, whose ports serve there. An entry point is a listener of the operator's of that name, or lb's
 * port where it is a number. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_STREAMS_H
#define DISCOVERY_DIALECT_TRAEFIK_STREAMS_H

#include "discovery/dialect/statement.h"
#include "discovery/dialect/traefik_catalog.h"

/* All is borrowed. */
struct traefik_streams {
    const struct statement_source *source;
    const struct traefik_items *items;
    const struct traefik_catalog *catalog;
    const char *name; /* of the container, as Traefik calls it */
};

/* Whether there is any router or service of that kind. */
bool traefik_streams_are_there(const struct traefik_items *items);

/* Listeners, servers and what is asked of services become claims; a router that asks for what lb does not
 * have is told, and leads nowhere. */
void traefik_streams_read(const struct traefik_streams *given, struct claims *claims);

#endif
