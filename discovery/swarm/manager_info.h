/* Asks an engine for its part in a swarm: GET /info. */
#ifndef DISCOVERY_SWARM_MANAGER_INFO_H
#define DISCOVERY_SWARM_MANAGER_INFO_H

#include "discovery/net/fetch.h"
#include "discovery/swarm/swarm_id.h"

/* What on_failure tells begins so. */
#define MANAGER_INFO_NO_MANAGER "it is no manager of a swarm"

/* Exactly one of them is called, once, if at all. */
struct manager_info_handler {
    void *owner;
    /* It is a manager, on that node, "" where it does not say; borrowed for the call. NULL: what is before it does
     * not let it be asked, so that it stays open which tasks are on its node. */
    void (*on_known)(void *owner, const struct swarm_id *node);
    void (*on_failure)(void *owner, const char *why);
};

/* Zeroed memory is idle. */
struct manager_info {
    struct manager_info_handler handler;
    struct fetch *fetch; /* NULL: idle */
};

void manager_info_ask(struct manager_info *info, struct fetch_pool *pool, const char *prefix,
                      const struct manager_info_handler *handler);

/* No handler is called any more. Stopping twice is harmless. */
void manager_info_stop(struct manager_info *info);

#endif
