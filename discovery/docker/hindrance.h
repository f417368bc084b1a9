/* Why lb cannot reach a container, or one port of it, and what would change that. Pure. */
#ifndef DISCOVERY_DOCKER_HINDRANCE_H
#define DISCOVERY_DOCKER_HINDRANCE_H

#include <stdbool.h>

#include "discovery/docker/container.h"
#include "discovery/docker/vantage.h"
#include "discovery/set.h"

struct hindrance {
    enum left_out_reason reason;
    char *detail;       /* one sentence; owned; NULL: nothing hinders */
    const char *remedy; /* a constant; NULL: what the reason's own is */
};

/* What stands against the whole container, whatever it offers: all that can be said without looking
 * at networks. `owner` is as for placement_find(). Gives false, and `*out` is empty, when nothing
 * does; else hindrance_fini() it. */
bool hindrance_find(const struct container *container, const struct container *owner,
                    const struct vantage *vantage, struct hindrance *out);

/* It uses the network of a container that is not known. Gives. */
void hindrance_of_owner_unknown(struct hindrance *out);

/* It runs and has a port, but nothing leads there: says what it has and what lb has. Gives. */
void hindrance_of_networks(const struct offer *offer, const struct container *owner,
                           const struct vantage *vantage, struct hindrance *out);

void hindrance_fini(struct hindrance *hindrance);

/* True when both say the same. */
bool hindrance_eq(const struct hindrance *a, const struct hindrance *b);

#endif
