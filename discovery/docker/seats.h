/* Where other hosts find the ports of a container that count for a catalog: those that are published, at
 * the host; with internal addresses also the others, at the container. Address and port always belong
 * together. Pure. */
#ifndef DISCOVERY_DOCKER_SEATS_H
#define DISCOVERY_DOCKER_SEATS_H

#include "discovery/dialect/registrator_ports.h"
#include "discovery/docker/container.h"
#include "discovery/docker/enlistment_settings.h"
#include "discovery/docker/vantage.h"

struct seat {
    uint16_t port; /* inside */
    bool is_udp;
    uint16_t outer;
    char address[ADDRESS_TEXT_BYTES]; /* "": that of the agent's node */
    char near[ADDRESS_TEXT_BYTES];    /* the same as the host itself reaches it; never "" */
    bool is_loopback;                 /* it is published on the loopback alone */
};

/* TCP first, then by port. */
struct seats {
    struct seat items[REGISTRATOR_PORTS_MAX];
    size_t count;
    bool has_more; /* than there is room for */
};

/* `owner` is the container whose network `container` uses, mostly itself. `container` has papers. */
void seats_find(const struct container *container, const struct container *owner,
                const struct vantage *vantage, const struct enlistment_settings *settings,
                struct seats *out);

/* The one of that port; NULL: it has none. */
const struct seat *seats_of(const struct seats *seats, uint16_t port, bool is_udp);

#endif
