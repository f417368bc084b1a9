/* Alternatives of a Traefik rule as routes. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_ROUTE_H
#define DISCOVERY_DIALECT_TRAEFIK_ROUTE_H

#include "discovery/dialect/traefik_rule.h"
#include "discovery/dialect/traefik_treatment.h"

/* Adds what the rule and the treatment make of `base`, which has all that is not of a rule: one
 * route for each alternative, and more where a prefix is stripped that only some paths have. When one
 * of them cannot be a route it is told, and none is added. */
void traefik_route_add(struct claims *claims, const struct traefik_rule *rule,
                       const struct traefik_treatment *treatment, const struct route *base);

#endif
