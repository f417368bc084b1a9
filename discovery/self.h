/* Which container this process may be in: guesses from what the kernel tells, each to be verified
 * by asking the engine. Pure. */
#ifndef DISCOVERY_SELF_H
#define DISCOVERY_SELF_H

#include <stddef.h>

#include "discovery/engine_id.h"

#define SELF_GUESSES_MAX 3

struct self {
    struct engine_id guesses[SELF_GUESSES_MAX]; /* best first; an id or its first 12 digits */
    size_t count;
};

/* From the texts of /proc/self/mountinfo and /proc/self/cgroup, and the host name. mountinfo comes
 * first because it is right with private cgroups, any host name and a shared network. */
void self_guess(struct view mountinfo, struct view cgroup, const char *hostname, struct self *out);

#endif
