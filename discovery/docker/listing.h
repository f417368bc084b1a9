/* One entry of the engine's list of containers. Pure. */
#ifndef DISCOVERY_DOCKER_LISTING_H
#define DISCOVERY_DOCKER_LISTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "discovery/engine_id.h"

struct listing {
    struct engine_id id;
    const char *name;  /* the strings are borrowed from the entry */
    const char *state; /* the engine's word */
    const char *image;
    uint64_t created_ns; /* 0: unknown */
    const json_t *labels;
    int exit_code;        /* of one that ended; -1: unknown */
    bool is_alive;        /* running or paused: worth an inspect */
    uint64_t fingerprint; /* changes with whatever an inspect might tell; never 0 */
};

/* The same entry in the form of an inspect, for engines that let nobody inspect: as much as the
 * list tells. Gives. */
json_t *listing_as_inspect(const json_t *entry);

/* Reads one element of GET /containers/json. Fails: false when it is no entry. */
bool listing_read(const json_t *entry, struct listing *out);

#endif
