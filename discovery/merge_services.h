/* What several sources ask of the same services: the first one that says something gets its way. Pure. */
#ifndef DISCOVERY_MERGE_SERVICES_H
#define DISCOVERY_MERGE_SERVICES_H

#include "discovery/merge_part.h"
#include "lb/base/text.h"

/* Adds the services of all parts to `set`; appends to `disputed` what is overruled. */
void merge_services_take(const struct merge_part *parts, size_t count, struct set *set,
                         struct text *disputed);

#endif
