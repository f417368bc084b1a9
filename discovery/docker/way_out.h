/* Which of its gateways lb's container reaches the host by: tries one after the other until one
 * answers where a port is published. With one gateway there is nothing to try. */
#ifndef DISCOVERY_DOCKER_WAY_OUT_H
#define DISCOVERY_DOCKER_WAY_OUT_H

#include "discovery/net/fetch.h"
#include "discovery/docker/roster.h"
#include "discovery/docker/vantage.h"

struct way_out {
    struct fetch_pool *pool; /* borrowed, as the two below */
    struct vantage *vantage;
    const struct roster *roster;
    void *owner;
    /* Another gateway is in use. */
    void (*on_change)(void *owner, const char *old, const char *now);
    struct fetch *fetch; /* NULL: none is being tried */
    char tried[ADDRESS_TEXT_BYTES];
    size_t failed_count;
    bool is_settled; /* one has answered, or all have not */
};

/* Tries the gateway in use, if some container was placed behind it by the last survey. */
void way_out_check(struct way_out *way_out);

/* What was found out is forgotten: lb's networks have changed, or time has passed. No handler is
 * called before the next check. */
void way_out_reset(struct way_out *way_out);

#endif
