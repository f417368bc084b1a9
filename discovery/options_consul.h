/* Of the options, what the source Consul is told, and what its agent is shown. Pure. */
#ifndef DISCOVERY_OPTIONS_CONSUL_H
#define DISCOVERY_OPTIONS_CONSUL_H

#include "discovery/option_set.h"
#include "discovery/option_walk.h"

/* All fail as option_walk.h says. */
bool options_consul_url(struct option_walk *walk, struct options *out);
bool options_consul_service(struct option_walk *walk, struct options *out);
bool options_consul_port(struct option_walk *walk, struct options *out);
bool options_consul_address(struct option_walk *walk, struct options *out);
bool options_consul_node(struct option_walk *walk, struct options *out);

/* The URL of an agent, where one is given: of --consul, --register. */
bool options_consul_agent(struct option_walk *walk, struct consul_agent *out);

/* After the flags: what they left open, for the registrar as well. */
bool options_consul_finish(const struct options_environment *environment, struct options *out,
                           struct text *problem);

#endif
