/* What an operator can do about a Consul agent that takes no registrations: a sentence for each cause. Pure. */
#ifndef DISCOVERY_CONSUL_AGENT_REMEDY_H
#define DISCOVERY_CONSUL_AGENT_REMEDY_H

#include "discovery/net/fetch.h"

/* A constant. */
const char *agent_remedy_find(const struct fetch_failure *failure);

#endif
