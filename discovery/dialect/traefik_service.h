/* A service that the labels of a container define for Traefik: the port of the container that serves
 * in it, and what is asked of it. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_SERVICE_H
#define DISCOVERY_DIALECT_TRAEFIK_SERVICE_H

#include "discovery/dialect/statement.h"
#include "discovery/dialect/traefik_items.h"

/* The name of a service in the world: NAME@docker. Kept by `claims`. */
struct view traefik_service_name(struct claims *claims, struct view name);

/* The port of it goes to the statement's claims, with what is asked of its servers; `item` NULL is a
 * service without options. What cannot be done is told. Fails: false, when there is no port, which
 * leaves out all that the container has for Traefik. */
bool traefik_service_read(const struct statement_source *source, const struct traefik_item *item,
                          struct view name, struct statement *statement);

#endif
