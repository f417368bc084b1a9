/* One line of the engine's /events, as a plain value. Pure. */
#ifndef DISCOVERY_DOCKER_DOCKER_EVENT_H
#define DISCOVERY_DOCKER_DOCKER_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "discovery/engine_id.h"
#include "discovery/docker/network_id.h"

#define DOCKER_EVENT_ACTION_BYTES 32

enum docker_event_kind {
    DOCKER_EVENT_OTHER, /* nothing that lb follows */
    DOCKER_EVENT_START,
    DOCKER_EVENT_RESTART, /* comes right after the start */
    DOCKER_EVENT_KILL,    /* a signal was sent */
    DOCKER_EVENT_DIE,     /* die or stop */
    DOCKER_EVENT_DESTROY,
    DOCKER_EVENT_PAUSE,
    DOCKER_EVENT_UNPAUSE,
    DOCKER_EVENT_HEALTHY,
    DOCKER_EVENT_UNHEALTHY,
    DOCKER_EVENT_RENAME,
    DOCKER_EVENT_CHANGE,     /* update, or a health word that is new: ask */
    DOCKER_EVENT_CONNECT,    /* of a network; `container` is the one concerned */
    DOCKER_EVENT_DISCONNECT, /* comes twice for one disconnect */
};

struct docker_event {
    enum docker_event_kind kind;
    char action[DOCKER_EVENT_ACTION_BYTES]; /* the engine's word */
    struct engine_id container;
    uint64_t time_ns; /* the engine's clock; 0: unknown */
    int signal;       /* of KILL; 0: unknown */
    struct network_id network;
    /* Borrowed from the line's document; "" when missing. */
    const char *name;         /* of the container */
    const char *image;        /* of the container */
    const char *driver;       /* of the network */
    const json_t *attributes; /* the labels among them; may be of any type */
};

/* Reads only fields that API 1.24 to 1.52 and on have in common: Type, Action, Actor, timeNano.
 * Fails: false when the document is no event at all; what merely does not concern lb is OTHER. */
bool docker_event_read(const json_t *document, struct docker_event *out);

#endif
