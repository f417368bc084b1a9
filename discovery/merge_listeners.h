/* The rules of listeners of several sources, put together. Pure. */
#ifndef DISCOVERY_MERGE_LISTENERS_H
#define DISCOVERY_MERGE_LISTENERS_H

#include "discovery/merge_part.h"
#include "lb/base/text.h"

/* Adds the rules of all parts to `set`, but for those that an earlier source has for another service: they
 * are overruled, and appended to `disputed`. */
void merge_listeners_take(const struct merge_part *parts, size_t count, struct set *set,
                          struct text *disputed);

#endif
