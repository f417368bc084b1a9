/* Services that want the same requests, at least one of which says how many: who gets which share, and by
 * whose treatment. Pure. */
#ifndef DISCOVERY_SHARE_OUT_H
#define DISCOVERY_SHARE_OUT_H

#include "lb/contract/route.h"

/* A label's weight at most: all that is made of it stays below ROUTE_WEIGHT_MAX. */
#define SHARE_OUT_WEIGHT_MAX 10000u

struct share_out {
    struct share_out_claim {
        struct view service;
        bool is_said;
        unsigned weight;
    } claims[ROUTE_SHARES_MAX];
    unsigned count;
    bool has_more; /* services than may share a route */
};

/* What a route wants for its services, of which each counts once. Begins as zeroed memory; borrows. */
void share_out_add(struct share_out *out, const struct route *route);

/* Whether there are several services, and one says a weight. */
bool share_out_is_one(const struct share_out *out);

/* The shares, as many as there are claims: who says nothing gets what the others leave of 100, evenly,
 * or nothing; where all say something it is taken in proportion. */
void share_out_settle(const struct share_out *out, struct route_share *shares);

/* Whether some are kept out of the route: by addresses or passwords. */
bool share_out_is_protected(const struct route *route);

/* Whether who may be let in by `by` may be let in by the other as well: that is not protected, or as
 * `by` is. */
bool share_out_may_stand_for(const struct route *by, const struct route *other);

#endif
