/* The manager's /events of services and nodes. They tell that something happens, and too little of what:
 * whoever hears it asks for the lists. */
#ifndef DISCOVERY_SWARM_DOORBELL_H
#define DISCOVERY_SWARM_DOORBELL_H

#include "discovery/net/fetch.h"
#include "discovery/net/line_reader.h"

struct doorbell_handler {
    void *owner;
    void (*on_open)(void *owner); /* from now on it rings */
    /* What happened, by the engine's word ("update"); "": that could not be read. Must not close it. */
    void (*on_ring)(void *owner, const char *word, uint64_t time_ns);
    void (*on_refused)(void *owner, int status); /* closed by then; the last call */
    void (*on_end)(void *owner, const char *why);
};

/* Zeroed memory is closed. */
struct doorbell {
    struct doorbell_handler handler;
    struct fetch *fetch; /* NULL: closed */
    struct line_reader reader;
    int status;
};

void doorbell_open(struct doorbell *doorbell, struct fetch_pool *pool, const char *prefix,
                   const struct doorbell_handler *handler);

/* No handler is called any more. Closing twice is harmless. */
void doorbell_close(struct doorbell *doorbell);

#endif
