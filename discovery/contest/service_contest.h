/* What claimants ask of their services as a whole, and who gets his way where several ask for
 * something else: one that runs before one that does not, then the older one. Pure. */
#ifndef DISCOVERY_CONTEST_SERVICE_CONTEST_H
#define DISCOVERY_CONTEST_SERVICE_CONTEST_H

#include "discovery/contest/claimant.h"
#include "discovery/set.h"

/* Adds the services of which something is asked to `set`, which then borrows from them. Who runs
 * and does not get his way has a sentence on that in `contested`, behind what is there. */
void service_contest_settle(struct claimant *const *claimants, size_t count, struct set *set);

#endif
