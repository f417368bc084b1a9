/* The words that Traefik knows below routers, services and middlewares, of HTTP, TCP and UDP. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_WORDS_H
#define DISCOVERY_DIALECT_TRAEFIK_WORDS_H

#include <stdbool.h>

#include "lb/base/view.h"

enum traefik_kind {
    TRAEFIK_ROUTER,
    TRAEFIK_SERVICE,
    TRAEFIK_MIDDLEWARE,
    TRAEFIK_TCP_ROUTER,
    TRAEFIK_TCP_SERVICE,
    TRAEFIK_TCP_MIDDLEWARE,
    TRAEFIK_UDP_ROUTER,
    TRAEFIK_UDP_SERVICE,
};

/* What lb does with a middleware. */
enum traefik_effect {
    TRAEFIK_UNKNOWN,
    TRAEFIK_FOLLOWED, /* as far as it can be: traefik_middlewares.c */
    TRAEFIK_CHAINS,   /* is others */
    TRAEFIK_PROTECTS, /* it is not supported, and nothing is served without it */
    TRAEFIK_PASSES,   /* it is not supported, and things are served without it */
};

/* Of the type of a middleware, in small letters. */
enum traefik_effect traefik_words_effect(struct view type);

/* Whether Traefik knows the option of an item of that kind. */
bool traefik_words_know(enum traefik_kind kind, struct view word);

#endif
