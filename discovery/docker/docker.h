/* The Docker source: subscribes to events, takes in the lists, follows; again on a timer and after
 * every loss, for ever. Keeps the last state while the engine is away. */
#ifndef DISCOVERY_DOCKER_DOCKER_H
#define DISCOVERY_DOCKER_DOCKER_H

#include <stdint.h>

#include "discovery/dialect/dialect.h"
#include "discovery/docker/enlistment_settings.h"
#include "discovery/net/server_url.h"
#include "discovery/source.h"

/* What docker_source.open() takes. */
struct docker_options {
    const struct server_url *server; /* borrowed */
    const char *self;                /* as for locator_start(); borrowed */
    uint32_t resync_ms;
    const struct dialect_settings *dialects;      /* as for intake_init() */
    const struct enlistment_settings *enlistment; /* borrowed; NULL: nothing is registered */
};

extern const struct source_kind docker_source;

#endif
