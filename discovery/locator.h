/* Finds out in which of the engine's containers lb runs, by verifying one guess after the other. */
#ifndef DISCOVERY_LOCATOR_H
#define DISCOVERY_LOCATOR_H

#include <stdbool.h>

#include "discovery/container.h"
#include "discovery/fetch.h"
#include "discovery/self.h"

#define LOCATOR_NONE "none"

/* Exactly one of these is called, once; perhaps before locator_start() returns. */
struct locator_handler {
    void *owner;
    /* lb is `id`; `network` is the container whose network it uses, usually the same. Borrowed. */
    void (*on_container)(void *owner, const struct engine_id *id, const struct container *network);
    void (*on_host)(void *owner, const char *why);
    void (*on_failure)(void *owner, const char *why);
};

struct locator {
    struct locator_handler handler;
    struct fetch_pool *pool; /* borrowed */
    const char *prefix;      /* borrowed */
    struct fetch *fetch;     /* NULL: not at work */
    struct self self;
    size_t next;
    bool is_certain;         /* the id was given by hand */
    struct engine_id own_id; /* once known, while the owner of its network is looked at */
};

/* `self` is NULL to guess, LOCATOR_NONE for "on the host", or an id (12 to 64 digits). */
void locator_start(struct locator *locator, struct fetch_pool *pool, const char *prefix,
                   const char *self, const struct locator_handler *handler);

/* No handler is called any more. Stopping twice is harmless. */
void locator_stop(struct locator *locator);

#endif
