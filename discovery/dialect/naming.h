/* What the service of a port is called where no site has another name for it. Pure. */
#ifndef DISCOVERY_DIALECT_NAMING_H
#define DISCOVERY_DIALECT_NAMING_H

#include "discovery/dialect/hearing.h"

/* Names the offer's service: as a dialect does for its port or for all, else as its swarm service is
 * called, else as the image, else as the container. A name that cannot be one is why nothing of `out` can be offered. */
void naming_name(const struct hearing *hearing, struct offer *offer, struct offers *out);

#endif
