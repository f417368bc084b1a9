/* How long a client that does not read has kept a response waiting. Zeroed memory: not at all. */
#ifndef LB_BACK_PRESSURE_H
#define LB_BACK_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

/* A response that waited for longer may have ended because its backend had enough. */
#define PRESSURE_LONG_MS 500u

struct pressure {
    uint64_t since_ms; /* by the loop's clock; 0: there is none */
    bool was_long;
};

/* Idempotent, both. */
static inline void pressure_begin(struct pressure *pressure, uint64_t now_ms)
{
    if (pressure->since_ms == 0)
        pressure->since_ms = now_ms;
}

static inline void pressure_end(struct pressure *pressure, uint64_t now_ms)
{
    if (pressure->since_ms == 0)
        return;
    pressure->was_long |= now_ms - pressure->since_ms >= PRESSURE_LONG_MS;
    pressure->since_ms = 0;
}

#endif
