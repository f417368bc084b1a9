/* From the roster and lb's vantage to the set that a line tells. Pure. */
#ifndef DISCOVERY_DOCKER_SURVEY_H
#define DISCOVERY_DOCKER_SURVEY_H

#include <stdint.h>

#include "discovery/docker/roster.h"
#include "discovery/set.h"
#include "discovery/docker/vantage.h"

/* Fills `set` (sorted), which then borrows from `roster`. Remembers in each member what was shown,
 * so that causes and times stay while nothing changes. `wall_ns` is now. */
void survey_take(struct roster *roster, const struct vantage *vantage, uint64_t wall_ns,
                 struct set *set);

#endif
