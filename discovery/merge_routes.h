/* The routes of several sources, put together. Pure. */
#ifndef DISCOVERY_MERGE_ROUTES_H
#define DISCOVERY_MERGE_ROUTES_H

#include "discovery/merge_part.h"
#include "lb/base/arena.h"
#include "lb/base/text.h"

/* Adds the routes of all parts to `set`, in their order; where the first of alike ones says a share for its
 * only service, they become one route that their services share. To `disputed` it adds a sentence for
 * each of the first ones that is overruled by one of another source: one with a higher priority, else that
 * of the source which comes first, as lb has it. `kept` has what the set then borrows. */
void merge_routes_take(const struct merge_part *parts, size_t count, struct set *set,
                       struct arena *kept, struct text *disputed);

#endif
