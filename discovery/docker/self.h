/* Which container this process may be in: guesses from what the kernel tells, each to be verified
 * by asking the engine. Pure. */
#ifndef DISCOVERY_DOCKER_SELF_H
#define DISCOVERY_DOCKER_SELF_H

#include <stdbool.h>
#include <stddef.h>

#include "discovery/engine_id.h"

#define SELF_GUESSES_MAX 4
#define SELF_UPPER_BYTES 256

struct self_guess {
    struct engine_id id; /* or its first 12 digits */
    bool is_by_network;  /* from a file or name that the owner of a network shares with its users */
};

struct self {
    struct self_guess guesses[SELF_GUESSES_MAX]; /* best first */
    size_t count;
    char upper[SELF_UPPER_BYTES]; /* where the root's upper layer is on the host; "": unknown */
};

/* From the texts of /proc/self/mountinfo and /proc/self/cgroup, and the host name. Cgroups come
 * first: they alone are surely the process's own. */
void self_guess(struct view mountinfo, struct view cgroup, const char *hostname, struct self *out);

/* Whether both name the same layer: they end in the same two parts, whatever the mount point of the
 * engine's folder. False when one is "". */
bool self_is_same_layer(const char *upper, const char *other);

#endif
