/* What is set for the dialects, by flags and variables. */
#ifndef DISCOVERY_DIALECT_DIALECT_SETTINGS_H
#define DISCOVERY_DIALECT_DIALECT_SETTINGS_H

#include <stdbool.h>

#include "discovery/dialect/nginx_proxy.h"
#include "discovery/dialect/traefik_labels.h"

/* Which dialects are heard, and what is set for them. Zeroed memory: all of them, and nothing. */
struct dialect_settings {
    unsigned silenced;   /* bit N: the dialect in place N of the table is not heard */
    bool requires_words; /* what no dialect has a word for is left out */
    bool registers;      /* a catalog gets the containers, too, and their words for it are kept */
    struct nginx_proxy_settings nginx_proxy;
    struct traefik_settings traefik;
};

#endif
