/* The listeners that claimants ask for, and who gets one that several want for other services: one
 * that runs before one that does not, then the older one, as lb has it. Pure. */
#ifndef DISCOVERY_CONTEST_LISTENER_CONTEST_H
#define DISCOVERY_CONTEST_LISTENER_CONTEST_H

#include "discovery/contest/claimant.h"
#include "discovery/set.h"

/* Adds the rules of all claimants that run to `set`, which then borrows from them; of those that are
 * down only what tells some connections of a listener from others, and only where no one that runs has
 * the same: nobody else gets them. Who runs and does not get his way has a sentence on that in `contested`,
 * behind what is there. */
void listener_contest_settle(struct claimant *const *claimants, size_t count, struct set *set);

#endif
