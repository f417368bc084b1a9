/* The Docker source: subscribes to events, takes in the lists, follows; again on a timer and after
 * every loss, for ever. Keeps the last state while the engine is away. */
#ifndef DISCOVERY_DOCKER_DOCKER_H
#define DISCOVERY_DOCKER_DOCKER_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/alive.h"
#include "discovery/net/fetch.h"
#include "discovery/report.h"
#include "discovery/set.h"

struct docker;

struct docker_options {
    const struct server_url *server; /* for messages; borrowed */
    const char *self;                /* as for locator_start(); borrowed */
    uint32_t resync_ms;
};

/* Borrows `pool`. Gives: docker_close(). Nothing happens before the first docker_tick(). */
struct docker *docker_open(struct fetch_pool *pool, const struct docker_options *options,
                           const struct report *report);
void docker_close(struct docker *docker);

/* Does what is due at `now_ms` of the monotonic clock. */
void docker_tick(struct docker *docker, uint64_t now_ms);

/* When docker_tick() is to be called next, at the latest. */
uint64_t docker_next_tick_ms(const struct docker *docker);

/* What was counted. Borrowed; it changes with ticks and turns. */
const struct alive *docker_alive(const struct docker *docker);

/* True when there may be something new; `set` is filled then and borrows until the next tick or
 * turn. False before everything was read once. */
bool docker_collect(struct docker *docker, struct set *set);

#endif
