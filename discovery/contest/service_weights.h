/* What claimants say of the share that a service of theirs gets of requests which it has together with
 * others. Of those that differ the oldest one's counts, one that runs before one that does not. Pure. */
#ifndef DISCOVERY_CONTEST_SERVICE_WEIGHTS_H
#define DISCOVERY_CONTEST_SERVICE_WEIGHTS_H

#include "discovery/contest/claimant.h"

struct service_weight {
    struct claimant *claimant;
    struct view service;
    unsigned weight;
};

struct service_weights {
    struct service_weight *list; /* by service, the one that counts first */
    size_t count;
};

/* Of all that are shown. Those that do not get their way have a sentence on that in `contested`. Gives:
 * to be handed to service_weights_fini. Borrows from them. */
void service_weights_init(struct service_weights *weights, struct claimant *const *claimants,
                          size_t count);
void service_weights_fini(struct service_weights *weights);

/* NULL: nobody says anything. */
const struct service_weight *service_weights_find(const struct service_weights *weights,
                                                  struct view service);

#endif
