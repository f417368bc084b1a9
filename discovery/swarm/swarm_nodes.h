/* The nodes of a swarm, as far as lb cares: what GET /nodes tells. Pure. */
#ifndef DISCOVERY_SWARM_SWARM_NODES_H
#define DISCOVERY_SWARM_SWARM_NODES_H

#include <jansson.h>
#include <stddef.h>

#include "discovery/swarm/swarm_id.h"
#include "lb/base/address.h"

#define SWARM_NODES_MAX 4096

struct swarm_node {
    struct swarm_id id;
    char *name;                       /* of the host */
    char address[ADDRESS_TEXT_BYTES]; /* that the other nodes reach it by; "": not known */
    bool is_down;
};

/* Zeroed memory is empty. */
struct swarm_nodes {
    struct swarm_node *list; /* by id, once sorted */
    size_t count, capacity;
};

void swarm_nodes_fini(struct swarm_nodes *nodes);

/* Adds one element of the list; what is no node, or too much, is passed over. */
void swarm_nodes_take(struct swarm_nodes *nodes, const json_t *element);

/* Behind the last one. */
void swarm_nodes_sort(struct swarm_nodes *nodes);

/* NULL: not known. Only after the sort. */
const struct swarm_node *swarm_nodes_find(const struct swarm_nodes *nodes,
                                          const struct swarm_id *id);

#endif
