/* What containers ask of their services as a whole, and who gets his way where several ask for
 * something else: a container that runs before one that does not, then the older one. Pure. */
#ifndef DISCOVERY_DOCKER_SERVICE_CONTEST_H
#define DISCOVERY_DOCKER_SERVICE_CONTEST_H

#include "discovery/docker/roster.h"
#include "discovery/set.h"

/* Adds the services of which something is asked to `set`, which then borrows from the roster. Who runs
 * and does not get his way has a sentence on that in `contested`, behind what is there. */
void service_contest_settle(struct roster *roster, struct set *set);

#endif
