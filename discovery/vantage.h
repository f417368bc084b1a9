/* Where lb stands: on the engine's host, or in a container on some networks. Pure. */
#ifndef DISCOVERY_VANTAGE_H
#define DISCOVERY_VANTAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "discovery/container.h"
#include "discovery/engine_id.h"
#include "lb/base/address.h"
#include "lb/base/text.h"

#define VANTAGE_REMOTE_MAX 4096

struct vantage {
    bool on_host;                     /* no container, or one that uses the host's network */
    struct engine_id id;              /* lb's own container; "" outside of one */
    struct engine_id network_id;      /* the container whose network it uses, usually itself */
    char gateway[ADDRESS_TEXT_BYTES]; /* how a container reaches the host; "" if unknown */
    struct engine_id networks[CONTAINER_NETWORKS_MAX];
    size_t network_count;
    struct text network_names; /* "back, web", for messages */
    struct engine_id *remote;  /* networks that the host has no route to (overlay, macvlan, …) */
    size_t remote_count;
};

void vantage_init(struct vantage *vantage);
void vantage_fini(struct vantage *vantage);

/* lb runs in no container of this engine. */
void vantage_take_host(struct vantage *vantage);

/* lb uses the network of `container`. Gives true when that changed what it reaches. */
bool vantage_take_container(struct vantage *vantage, const struct container *container);

/* Takes the answer of GET /networks. Networks that it does not name count as bridges. */
void vantage_take_networks(struct vantage *vantage, const json_t *networks);

/* A network appeared, with its driver ("bridge", "overlay", …). */
void vantage_note_driver(struct vantage *vantage, const struct engine_id *id, const char *driver);

/* True when an address on that network can be reached from here. */
bool vantage_reaches(const struct vantage *vantage, const struct container_network *network);

#endif
