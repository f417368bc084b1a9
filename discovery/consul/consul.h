/* The source Consul: the services of its catalog that are routed or tagged, by blocking queries. An empty
 * answer empties no pool before it was confirmed, and while Consul is away the last state stays. */
#ifndef DISCOVERY_CONSUL_CONSUL_H
#define DISCOVERY_CONSUL_CONSUL_H

#include "discovery/consul/consul_options.h"
#include "discovery/source.h"

extern const struct source_kind consul_source;

#endif
