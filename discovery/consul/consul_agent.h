/* Where the Consul agent is, and what is shown to it. */
#ifndef DISCOVERY_CONSUL_CONSUL_AGENT_H
#define DISCOVERY_CONSUL_CONSUL_AGENT_H

#include "discovery/net/fetch_tls.h"
#include "discovery/net/server_url.h"

#define CONSUL_AGENT_DEFAULT_URL "http://127.0.0.1:8500"

/* Strings are borrowed. */
struct consul_agent {
    struct server_url server;
    struct fetch_tls tls;
    const char *token;      /* NULL: none */
    const char *token_file; /* read for it, again when it changes; NULL: none */
};

#endif
