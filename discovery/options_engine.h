/* Of the options, what Docker and Swarm are told. Pure. */
#ifndef DISCOVERY_OPTIONS_ENGINE_H
#define DISCOVERY_OPTIONS_ENGINE_H

#include "discovery/option_set.h"
#include "discovery/option_walk.h"

/* All fail as option_walk.h says. */
bool options_engine_docker(struct option_walk *walk, struct options *out);
bool options_engine_swarm(struct option_walk *walk, struct options *out);
bool options_engine_resync(struct option_walk *walk, struct options *out);
bool options_engine_self(struct option_walk *walk, struct options *out);

/* After the flags: what they left open. */
bool options_engine_finish(const struct options_environment *environment, struct options *out,
                           struct text *problem);

#endif
