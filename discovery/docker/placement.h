/* Decides at which address and port lb reaches what a container offers, or why it cannot. The order
 * of the choice is written down in FORMAT.md. Pure. */
#ifndef DISCOVERY_DOCKER_PLACEMENT_H
#define DISCOVERY_DOCKER_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/docker/container.h"
#include "discovery/docker/hindrance.h"
#include "discovery/docker/vantage.h"
#include "lb/base/address.h"

struct placement {
    bool is_usable;
    bool is_on_host;                  /* a port of this very host, found without a label's help */
    bool is_by_gateway;               /* the address is a gateway of lb's container */
    bool is_udp;                      /* as its offer */
    char address[ADDRESS_TEXT_BYTES]; /* when usable */
    uint16_t port;                    /* also when it cannot be reached; 0: none */
    char port_from[OFFER_PORT_FROM_BYTES]; /* why this port; "" where there is none */
    char *address_from;                    /* why this address, when usable; owned */
    struct hindrance hindrance;            /* when not */
};

/* Places one offer of a container that nothing hinders as a whole. `owner` is the container whose
 * network `container` uses: itself, another one for the network mode "container:…", or NULL when
 * that one is not known. Gives: placement_fini() the result. */
void placement_find(const struct offer *offer, const struct container *container,
                    const struct container *owner, const struct vantage *vantage,
                    struct placement *out);

/* The network of `owner` to reach it by; `wanted` narrows the choice to that one, NULL does not. Borrowed;
 * NULL: none. */
const struct container_network *placement_choose_network(const char *wanted,
                                                         const struct container *owner,
                                                         const struct vantage *vantage);

/* Something hinders the whole container. Takes what is in `hindrance`. Gives. */
void placement_refuse(const struct offer *offer, struct hindrance *hindrance,
                      struct placement *out);

void placement_fini(struct placement *placement);

/* True when both say the same. */
bool placement_eq(const struct placement *a, const struct placement *b);

#endif
