/* What is asked of the source Consul, by flags and variables. */
#ifndef DISCOVERY_CONSUL_CONSUL_OPTIONS_H
#define DISCOVERY_CONSUL_CONSUL_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "discovery/consul/consul_agent.h"
#include "discovery/dialect/dialect.h"
#include "lb/base/view.h"

/* A service whose entries are reached by another port than they say. */
struct consul_port {
    struct view service;
    uint16_t port;
};

#define CONSUL_PORTS_MAX 64

/* What consul_source.open() takes. */
struct consul_options {
    struct consul_agent agent;
    const char *
        services; /* "web,db": followed besides those that are tagged or that routes lead to; or NULL */
    const char *
        address_key; /* "lan", "wan": of the tagged addresses, where there is one; NULL: the service's */
    const char *node; /* of this host; NULL: the agent's, as it says */
    struct consul_port ports[CONSUL_PORTS_MAX];
    size_t port_count;
    const struct dialect_settings *dialects; /* borrowed; NULL: none */
};

#endif
