/* The listeners that containers ask for, and who gets one that several want for other services: a
 * container that runs before one that does not, then the older one, as lb has it. Pure. */
#ifndef DISCOVERY_DOCKER_LISTENER_CONTEST_H
#define DISCOVERY_DOCKER_LISTENER_CONTEST_H

#include "discovery/docker/roster.h"
#include "discovery/set.h"

/* Adds the rules of all members that run to `set`, which then borrows from the roster; of those that are
 * down only what tells some connections of a listener from others, and only where no one that runs has
 * the same: nobody else gets them. Who runs and does not get his way has a sentence on that in `contested`,
 * behind what is there. */
void listener_contest_settle(struct roster *roster, struct set *set);

#endif
