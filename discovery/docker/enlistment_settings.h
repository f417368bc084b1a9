/* How the containers of this host are to be registered in a catalog. */
#ifndef DISCOVERY_DOCKER_ENLISTMENT_SETTINGS_H
#define DISCOVERY_DOCKER_ENLISTMENT_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/* Strings are borrowed. Zeroed memory: nothing is registered. */
struct enlistment_settings {
    bool is_on;
    bool is_internal;      /* by the addresses and ports inside, which other hosts must reach */
    bool is_explicit;      /* only what SERVICE_NAME or SERVICE_<port>_NAME names */
    bool only_on_success;  /* what ended with an error stays registered */
    const char *advertise; /* the address of published ports; NULL: that of the agent's node */
    const char *tags;      /* "a,b": that each entry gets besides its own; or NULL */
    const char *host;      /* the name of this host in ids; NULL: as the engine says */
    const char *self_name; /* of the service that lb itself is; NULL or "": none */
    uint16_t self_port;    /* that lb listens on, inside; 0: unknown */
    const char *
        self_check; /* the URL that says whether lb is ready, "http://127.0.0.1:9000/readyz"; or NULL */
};

#endif
