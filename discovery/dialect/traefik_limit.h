/* Traefik's middlewares that limit how often and how much: rateLimit, buffering, retry. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_LIMIT_H
#define DISCOVERY_DIALECT_TRAEFIK_LIMIT_H

#include "discovery/dialect/traefik_treatment.h"

/* Of two that differ both would have to be kept: that is refused. */
void traefik_limit_rate(struct traefik_treatment *treatment, const struct traefik_item *item);

/* The body of a request; of two the smaller one counts. */
void traefik_limit_body(struct traefik_treatment *treatment, const struct traefik_item *item);

/* How often a request is tried again; of two the first one counts. */
void traefik_limit_retries(struct traefik_treatment *treatment, const struct traefik_item *item);

#endif
