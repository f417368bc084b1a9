/* Containers that define things for each other, as Traefik's labels do: brings together what all of
 * them define, and reads those again that then mean something else. Pure. */
#ifndef DISCOVERY_DOCKER_INTERPRETER_H
#define DISCOVERY_DOCKER_INTERPRETER_H

#include "discovery/dialect/dialect.h"
#include "discovery/docker/roster.h"

/* Zeroed memory is a good start. */
struct interpreter {
    struct dialect_settings settings; /* what is set; without a catalog */
};

/* Looks at all that live, the oldest first, and calls `on_read` for each that was read again. What
 * is not running stays as it was understood. */
void interpreter_follow(const struct interpreter *interpreter, struct roster *roster,
                        void (*on_read)(void *owner, const struct container *container),
                        void *owner);

#endif
