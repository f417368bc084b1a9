/* One container, as far as lb cares: parsed from the engine's JSON into plain values. Pure. */
#ifndef DISCOVERY_DOCKER_CONTAINER_H
#define DISCOVERY_DOCKER_CONTAINER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "discovery/engine_id.h"
#include "discovery/docker/network_id.h"
#include "discovery/docker/papers.h"
#include "discovery/dialect/dialect.h"
#include "lb/base/address.h"

#define CONTAINER_NETWORKS_MAX 64
#define CONTAINER_BINDINGS_MAX 256

enum container_health {
    CONTAINER_HEALTH_NONE, /* no HEALTHCHECK */
    CONTAINER_HEALTH_STARTING,
    CONTAINER_HEALTH_HEALTHY,
    CONTAINER_HEALTH_UNHEALTHY,
};

struct container_network {
    char *name;
    struct network_id id;
    char ip[ADDRESS_TEXT_BYTES];      /* IPv4, else global IPv6, else "" */
    char gateway[ADDRESS_TEXT_BYTES]; /* IPv4, or "" */
    char gateway_ipv6[ADDRESS_TEXT_BYTES];
};

/* A port of the container published on the engine's host. */
struct container_binding {
    uint16_t port;
    bool is_udp; /* else TCP */
    uint16_t host_port;
    char host_ip[ADDRESS_TEXT_BYTES]; /* "0.0.0.0" and "::": every one of that IP version; "":
                                         every address of the host */
};

struct container {
    struct engine_id id;
    char *name;
    char *image;         /* as it was given; NULL: a sketch */
    uint64_t created_ns; /* since 1970; 0: unknown */
    char status[16];     /* the engine's word: "running", "exited", … */
    bool has_exit_code;  /* of its last run, while it does not run */
    int exit_code;
    bool is_task;      /* of a swarm, which starts and stops it: docker start does not */
    bool is_remote;    /* it runs on another host than lb, or that is not known */
    bool is_inspected; /* no sketch: environment, ports and networks are known */
    bool has_autopsy;  /* inspected since its last run ended: the next two are known */
    bool was_oom_killed;
    char *error;         /* why the engine could not start it, or NULL */
    char *health_output; /* of its last check, if that failed: "exit code 1: …"; or NULL */
    bool running;        /* also while paused; not while it restarts */
    bool paused;
    bool is_unknown;   /* a sketch of a container about which the engine did not answer */
    bool is_too_large; /* the same, because its answer was too long */
    enum container_health health;
    int stop_signal;
    int64_t stop_timeout_s; /* negative: for ever */
    bool is_host_network;
    char *network_owner; /* id or name of the container whose network it uses, or NULL */
    struct container_network *networks; /* sorted by name */
    size_t network_count;
    struct container_binding *bindings; /* sorted by port, TCP first, then host IP and host port */
    size_t binding_count;
    struct offers offers;
    struct container_words *words; /* NULL: no other container changes what they mean */
    struct papers *papers;         /* for a catalog; NULL: there is none, or it is a sketch */
};

/* What it says, where containers define things for each other. */
struct container_words {
    json_t *labels, *environment, *exposed; /* one reference each */
    char *image;
    struct traefik_items items;
    uint64_t concern; /* what the catalog had for them when they were last read; 0: nothing */
};

/* Parses the answer of GET /containers/{id}/json (API 1.24 to 1.52 and on), by these settings (NULL:
 * none). Gives: free it with container_free(). Fails: NULL when it is no such answer. */
struct container *container_from_inspect(const json_t *inspect,
                                         const struct dialect_settings *settings);

/* A container of which little is known yet: an entry of the list or the attributes of an event. All
 * is borrowed. */
struct container_outline {
    const struct engine_id *id;
    const char *name;
    const char *status;
    const json_t *labels;
    const char *image;
    uint64_t created_ns; /* 0: unknown */
};

/* What can be known of it. It does not run, has no address and no port. Gives. */
struct container *container_sketch(const struct container_outline *outline,
                                   const struct dialect_settings *settings);

/* Reads its words once more: what they mean has changed. It has some. */
void container_read_again(struct container *container, const struct dialect_settings *settings);

void container_free(struct container *container);

/* Takes another name, as the engine writes it (with or without a leading slash). */
void container_rename(struct container *container, const char *name);

#endif
