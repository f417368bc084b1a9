/* One round of questions to a manager: for the tasks that are to run and for those that are to end, and, where
 * that is wished, for networks, nodes and services before. The answers go to the ledger. */
#ifndef DISCOVERY_SWARM_ROUND_H
#define DISCOVERY_SWARM_ROUND_H

#include "discovery/docker/lister.h"
#include "discovery/swarm/ledger.h"
#include "discovery/swarm/list_reader.h"

struct round_handler {
    void *owner;
    /* Exactly one of them is called for each start, once. */
    void (*on_done)(void *owner);
    void (*on_failure)(void *owner, const char *why);
};

/* Zeroed memory is idle; the first four are to be set before the first start. */
struct round {
    struct round_handler handler;
    struct fetch_pool *pool; /* borrowed, as the next two */
    const char *prefix;
    struct ledger *ledger;
    bool is_running;
    int refused_networks,
        refused_nodes; /* the status with which nobody may ask for them; 0: one may */
    struct lister lister;
    struct list_reader reader;
    struct swarm_services services; /* as they come in */
    struct swarm_nodes nodes;
};

/* `is_whole`: with networks, nodes and services. */
void round_start(struct round *round, bool is_whole);

/* No handler is called any more. Stopping twice is harmless. */
void round_stop(struct round *round);

#endif
