/* The routes that containers (or whoever else there is: claimant.h) claim, and who gets one that several claim:
 * one that runs before one that does not, then the one with the higher priority, then the older one, as
 * lb has it. Pure. */
#ifndef DISCOVERY_CONTEST_ROUTE_CONTEST_H
#define DISCOVERY_CONTEST_ROUTE_CONTEST_H

#include "discovery/contest/claimant.h"
#include "discovery/set.h"
#include "lb/base/arena.h"

/* Adds the routes of all claimants that are shown to `set`, which then borrows from them, and from `shares`,
 * which is emptied first: of those that are down only the routes that no other one has. The first of the
 * contests: it forgets what was contested before. Where two want the same requests done otherwise, the one
 * that does not get its way has a sentence on that in `contested`. */
void route_contest_settle(struct claimant *const *claimants, size_t count, struct arena *shares,
                          struct set *set);

#endif
