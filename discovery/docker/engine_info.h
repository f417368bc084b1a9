/* Asks the engine what its host is called, and what it itself is: GET /info. */
#ifndef DISCOVERY_DOCKER_ENGINE_INFO_H
#define DISCOVERY_DOCKER_ENGINE_INFO_H

#include "discovery/net/fetch.h"

/* Exactly one of them is called, once, if at all. */
struct engine_info_handler {
    void *owner;
    /* Cut and cleaned; "" where the engine does not say. Borrowed for the call. */
    void (*on_known)(void *owner, const char *host, const char *engine);
    void (*on_refused)(void *owner, int status); /* the engine, or what is before it, forbids it */
    void (*on_failure)(void *owner, const char *why);
};

/* Zeroed memory is idle. */
struct engine_info {
    struct engine_info_handler handler;
    struct fetch *fetch; /* NULL: idle */
};

void engine_info_ask(struct engine_info *info, struct fetch_pool *pool, const char *prefix,
                     const struct engine_info_handler *handler);

/* No handler is called any more. Stopping twice is harmless. */
void engine_info_stop(struct engine_info *info);

#endif
