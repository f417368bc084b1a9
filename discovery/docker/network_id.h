/* What an engine calls a network by in its answers: Docker an id, Podman 4 the network's name. */
#ifndef DISCOVERY_DOCKER_NETWORK_ID_H
#define DISCOVERY_DOCKER_NETWORK_ID_H

#include <stdbool.h>

#include "lb/base/view.h"

#define NETWORK_ID_BYTES 256

struct network_id {
    char text[NETWORK_ID_BYTES]; /* "" when there is none */
};

/* Takes 1 to 255 bytes without control characters: ids are compared, and asked for nowhere. Fails:
 * false, and `*out` is "". */
bool network_id_parse(struct view text, struct network_id *out);

bool network_id_eq(const struct network_id *a, const struct network_id *b);
bool network_id_is_set(const struct network_id *id);

#endif
