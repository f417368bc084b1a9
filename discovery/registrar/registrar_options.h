/* What the registrar is told when lb-discovery begins. */
#ifndef DISCOVERY_REGISTRAR_REGISTRAR_OPTIONS_H
#define DISCOVERY_REGISTRAR_REGISTRAR_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/consul/consul_agent.h"

struct registrar_options {
    struct consul_agent agent;
    uint32_t ttl_s;               /* of a check for what has none by itself; 0: there is none */
    const char *deregister_after; /* of checks that the registrar keeps, "10m"; NULL: never */
    bool cleans_up; /* also entries with ids as registrator makes them for this host are its own */
};

#endif
