/* Traefik's middlewares that keep somebody out: ipAllowList, basicAuth. Two of one kind would both have to
 * be passed; lb has one of each. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_GUARD_H
#define DISCOVERY_DIALECT_TRAEFIK_GUARD_H

#include "discovery/dialect/traefik_treatment.h"

/* Either name of it: ipallowlist, ipwhitelist. */
void traefik_guard_allow(struct traefik_treatment *treatment, const struct traefik_item *item);

void traefik_guard_auth(struct traefik_treatment *treatment, const struct traefik_item *item);

#endif
