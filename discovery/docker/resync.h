/* Asks the engine for everything it has: the list of containers and the list of networks. */
#ifndef DISCOVERY_DOCKER_RESYNC_H
#define DISCOVERY_DOCKER_RESYNC_H

#include <jansson.h>
#include <stdbool.h>

#include "discovery/docker/lister.h"

/* Exactly one of these is called, once. */
struct resync_handler {
    void *owner;
    /* Borrowed. `networks` is NULL when they may not be listed: `refusal` is the status then. */
    void (*on_lists)(void *owner, const json_t *containers, const json_t *networks, int refusal);
    void (*on_failure)(void *owner, const char *why);
};

struct resync {
    struct resync_handler handler;
    struct lister containers, networks;
    json_t *container_list, *network_list; /* what has come */
    int refusal;                           /* of the networks; 0: none */
};

/* Asks both. `resync` is zeroed, stopped or done. */
void resync_start(struct resync *resync, struct fetch_pool *pool, const char *prefix,
                  const struct resync_handler *handler);

/* No handler is called any more. Stopping twice is harmless. */
void resync_stop(struct resync *resync);

bool resync_is_at_work(const struct resync *resync);

#endif
