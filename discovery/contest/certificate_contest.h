/* The certificates that claimants wish for, each name once: the older one's wish counts, whether it runs or not, so that no
 * other certificate is ordered because a container is started anew. Pure. */
#ifndef DISCOVERY_CONTEST_CERTIFICATE_CONTEST_H
#define DISCOVERY_CONTEST_CERTIFICATE_CONTEST_H

#include "discovery/contest/claimant.h"
#include "discovery/set.h"
#include "lb/base/arena.h"

/* Adds the wishes of all claimants that are shown to `set`, which then borrows from them and from `kept`. Who runs and has
 * wishes that there is no room for has a sentence on that in `contested`, behind what is there. */
void certificate_contest_settle(struct claimant *const *claimants, size_t count, struct arena *kept,
                                struct set *set);

#endif
