/* What is read from Consul's catalog, and what is registered in it. */
#ifndef LB_CONFIG_CONFIG_CATALOG_H
#define LB_CONFIG_CONFIG_CATALOG_H

#include <stdint.h>

#include "lb/config/config_table.h"

#define CONFIG_SERVICE_MAX      1024
#define CONFIG_SERVICE_PORT_MAX 64

struct config_catalog {
    char *consul; /* URL of an agent; "" or NULL: lb-discovery's default */
    char **services;
    unsigned service_count;
    char **ports; /* "NAME=PORT" */
    unsigned port_count;
    char *address_key; /* of tagged addresses; NULL: none */
    char *node;        /* of this host; NULL: the agent's */

    char *registrar; /* URL of an agent; "": lb-discovery's default; NULL: nothing is registered */
    char *advertise; /* the address of published ports; NULL: that of the node */
    unsigned is_internal;
    unsigned is_explicit;
    char *tags;                   /* "a,b"; NULL: none */
    unsigned ttl_ms;              /* 0: none */
    uint64_t deregister_after_ms; /* 0: never */
    unsigned only_on_success;     /* 1: what ended with an error stays registered */
    unsigned cleans_up;
    char *own_name;  /* of the service that lb is; "none" */
    char *host_name; /* NULL: as the engine says */
};

#endif
