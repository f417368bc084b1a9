/* Asks the engine for everything it has: the list of containers and the list of networks. */
#ifndef DISCOVERY_RESYNC_H
#define DISCOVERY_RESYNC_H

#include <jansson.h>
#include <stdbool.h>

#include "discovery/fetch.h"

/* Exactly one of these is called, once. */
struct resync_handler {
    void *owner;
    void (*on_lists)(void *owner, const json_t *containers, const json_t *networks); /* borrowed */
    void (*on_failure)(void *owner, const char *why);
};

/* One of the two questions. */
struct resync_list {
    struct resync *resync;
    const char *what;
    struct fetch *fetch;
    json_t *answer;
};

struct resync {
    struct resync_handler handler;
    struct resync_list containers;
    struct resync_list networks;
};

/* Asks both. `resync` is zeroed, stopped or done. */
void resync_start(struct resync *resync, struct fetch_pool *pool, const char *prefix,
                  const struct resync_handler *handler);

/* No handler is called any more. Stopping twice is harmless. */
void resync_stop(struct resync *resync);

bool resync_is_at_work(const struct resync *resync);

#endif
