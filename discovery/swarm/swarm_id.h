/* What a swarm calls its services, tasks and nodes by: 25 digits of base 36. Pure. */
#ifndef DISCOVERY_SWARM_SWARM_ID_H
#define DISCOVERY_SWARM_SWARM_ID_H

#include <stdbool.h>

#include "lb/base/view.h"

#define SWARM_ID_BYTES 33

struct swarm_id {
    char text[SWARM_ID_BYTES]; /* "" when there is none */
};

/* Takes 1 to 32 lower-case letters and digits: it is asked for by them. Fails: false, and `*out` is "". */
bool swarm_id_parse(struct view text, struct swarm_id *out);

int swarm_id_compare(const struct swarm_id *a, const struct swarm_id *b);

#endif
