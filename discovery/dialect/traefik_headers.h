/* Traefik's middleware headers: fields of requests and answers that are set or removed, and what it has
 * for the safety of browsers, which is fields of answers, too. Several of them are joined. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_HEADERS_H
#define DISCOVERY_DIALECT_TRAEFIK_HEADERS_H

#include "discovery/dialect/traefik_treatment.h"

void traefik_headers_read(struct traefik_treatment *treatment, const struct traefik_item *item);

#endif
