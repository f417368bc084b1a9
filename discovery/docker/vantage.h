/* Where lb stands: on the engine's host, or in a container on some networks. Pure. */
#ifndef DISCOVERY_DOCKER_VANTAGE_H
#define DISCOVERY_DOCKER_VANTAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "discovery/docker/container.h"
#include "discovery/engine_id.h"
#include "discovery/docker/network_id.h"
#include "lb/base/address.h"
#include "lb/base/text.h"

#define VANTAGE_SPECIAL_MAX  4096
#define VANTAGE_GATEWAYS_MAX 16

/* A network that lb's container is on. */
struct vantage_network {
    struct network_id id;
    char gateway[ADDRESS_TEXT_BYTES];      /* IPv4; "" if there is none */
    char gateway_ipv6[ADDRESS_TEXT_BYTES]; /* the same for IPv6 */
};

/* A network that is no common bridge. */
struct vantage_special {
    struct network_id id;
    struct network_id name; /* some engines' containers name their networks by it */
    bool is_remote;         /* the host has no route to it (overlay, macvlan, …) */
    bool is_internal;       /* nothing but the network itself is reached from it */
};

struct vantage {
    bool on_host;                /* no container, or one that uses the host's network */
    struct engine_id id;         /* lb's own container; "" outside of one, or if unknown */
    struct engine_id network_id; /* the container whose network it uses, usually itself */
    struct vantage_network networks[CONTAINER_NETWORKS_MAX];
    size_t network_count;
    struct text network_names; /* "back, web", for messages */
    struct vantage_special *special;
    size_t special_count;
    /* Addresses of the host that the networks lead to, IPv4 first; each may or may not answer. */
    char gateways[VANTAGE_GATEWAYS_MAX][ADDRESS_TEXT_BYTES];
    size_t gateway_count;
    size_t gateway; /* the one in use */
};

void vantage_init(struct vantage *vantage);
void vantage_fini(struct vantage *vantage);

/* lb runs in no container of this engine. */
void vantage_take_host(struct vantage *vantage);

/* lb uses the network of `container`. Gives true when that changed what it reaches. */
bool vantage_take_container(struct vantage *vantage, const struct container *container);

/* Takes the answer of GET /networks. Networks that it does not name count as bridges with a way
 * out. */
void vantage_take_networks(struct vantage *vantage, const json_t *networks);

/* A network appeared, with its driver ("bridge", "overlay", …). */
void vantage_note_driver(struct vantage *vantage, const struct network_id *id, const char *driver);

/* True when an address on that network can be reached from here. */
bool vantage_reaches(const struct vantage *vantage, const struct container_network *network);

/* How a container reaches the host by one of the two IP versions: the gateway in use, or the next
 * one that is of such a version. "" if there is none. */
const char *vantage_gateway(const struct vantage *vantage, bool with_ipv4, bool with_ipv6);

/* Whether anything beyond lb's own networks is reached by that IP version. */
bool vantage_has_way_out(const struct vantage *vantage, bool by_ipv6);

/* The gateway in use does not answer: goes to the next one, round and round. */
void vantage_next_gateway(struct vantage *vantage);

#endif
