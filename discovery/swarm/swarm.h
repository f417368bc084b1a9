/* The source Swarm: the services of a swarm and their tasks on all of its nodes, as a manager tells them. */
#ifndef DISCOVERY_SWARM_SWARM_H
#define DISCOVERY_SWARM_SWARM_H

#include "discovery/dialect/dialect.h"
#include "discovery/net/server_url.h"
#include "discovery/source.h"

/* What swarm_source.open() takes. */
struct swarm_options {
    const struct server_url *server;         /* borrowed; of a manager */
    const char *self;                        /* as for the source Docker; borrowed */
    const struct dialect_settings *dialects; /* borrowed; NULL: none */
};

extern const struct source_kind swarm_source;

#endif
