/* Asks the engine whether it is there and which API it speaks: once, then again and again. */
#ifndef DISCOVERY_DOCKER_PINGER_H
#define DISCOVERY_DOCKER_PINGER_H

#include <stdint.h>

#include "discovery/net/fetch.h"

#define PINGER_PREFIX_BYTES 16

struct pinger {
    struct fetch_pool *pool; /* borrowed */
    void *owner;
    /* It answered; `refusal` is the status when it would not say its version, else 0. */
    void (*on_pong)(void *owner, int refusal);
    void (*on_failure)(void *owner, const char *why);
    struct fetch *fetch;              /* NULL: none is on its way */
    uint64_t due_at_ms;               /* when the next one is */
    char prefix[PINGER_PREFIX_BYTES]; /* "/v1.41", or "" when the engine told no version */
};

void pinger_ask(struct pinger *pinger, uint64_t now_ms);

/* Asks when it is time. */
void pinger_tick(struct pinger *pinger, uint64_t now_ms);

/* No handler is called any more. Stopping twice is harmless. */
void pinger_stop(struct pinger *pinger);

/* The next one is due a whole interval from now. */
void pinger_postpone(struct pinger *pinger, uint64_t now_ms);

#endif
