/* The routes of several sources, put together. Pure. */
#ifndef DISCOVERY_MERGE_ROUTES_H
#define DISCOVERY_MERGE_ROUTES_H

#include "discovery/merge_part.h"
#include "lb/base/text.h"

/* Adds the routes of all parts to `set`, in their order, and to `disputed` a sentence for each of the first
 * ones that is overruled by one of another source, for the same requests: one with a higher priority, else
 * that of the source which comes first, as lb has it. */
void merge_routes_take(const struct merge_part *parts, size_t count, struct set *set,
                       struct text *disputed);

#endif
