/* From the containers that are known, and how each of them lives, to what a catalog of services is to have of
 * them. Pure. */
#ifndef DISCOVERY_DOCKER_ENLISTMENT_H
#define DISCOVERY_DOCKER_ENLISTMENT_H

#include "discovery/docker/enlistment_settings.h"
#include "discovery/docker/roster.h"
#include "discovery/docker/vantage.h"
#include "discovery/registrations.h"
#include "lb/base/arena.h"

/* Zeroed memory, but for the settings. */
struct enlistment {
    const struct enlistment_settings *settings; /* borrowed */
    struct arena texts;                         /* of the latest take */
    json_t *own_tags;                           /* of lb's entry on the host */
};

/* Fills `out` (sorted), which borrows from the roster, from `host` and `engine`, and from the enlistment until
 * the next take. What it makes of a container is kept with it in the roster. */
void enlistment_take(struct enlistment *enlistment, struct roster *roster,
                     const struct vantage *vantage, const char *host, const char *engine,
                     struct registrations *out);

void enlistment_fini(struct enlistment *enlistment);

#endif
