/* How a service of Traefik chooses among its servers, as options of a service of lb: strategy and
 * sticky.cookie. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_BALANCE_H
#define DISCOVERY_DIALECT_TRAEFIK_BALANCE_H

#include "discovery/dialect/claims.h"
#include "discovery/dialect/traefik_item.h"

/* Asks it of `service`, the name in the world; what cannot be followed is told. */
void traefik_balance_read(struct claims *claims, const struct traefik_item *item,
                          struct view service);

#endif
