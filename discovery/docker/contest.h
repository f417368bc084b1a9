/* The routes that containers claim, and who gets one that several claim: a container that runs
 * before one that does not, then the one with the higher
 * priority, then the older one, as lb has it. Pure. */
#ifndef DISCOVERY_DOCKER_CONTEST_H
#define DISCOVERY_DOCKER_CONTEST_H

#include "discovery/docker/roster.h"
#include "discovery/set.h"

/* Adds the routes of all members that are shown to `set`, which then borrows from the roster: of the
 * containers that are down only those that no other one has. Where two want the same requests done
 * otherwise, the one that does not get its way has a sentence on that in `contested`. */
void contest_settle(struct roster *roster, struct set *set);

#endif
