/* The name of the node that this host is in the catalog: the agent's own, GET /v1/agent/self. */
#ifndef DISCOVERY_CONSUL_OWN_NODE_H
#define DISCOVERY_CONSUL_OWN_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "discovery/net/backoff.h"

struct fetch;
struct fetch_pool;

struct own_node {
    struct fetch_pool *pool; /* borrowed */
    const char *given;       /* by the operator, who knows best; NULL: the agent is asked */
    char *name;              /* as the agent has it, or NULL */
    struct fetch *fetch;
    uint64_t due_at_ms; /* UINT64_MAX: it needs not be asked */
    struct backoff backoff;
    bool is_settled; /* it is known, or the agent does not tell, which is no fault */
    void *owner;
    void (*on_change)(void *owner);
};

/* Asks nothing yet. */
void own_node_init(struct own_node *node, struct fetch_pool *pool, const char *given, void *owner,
                   void (*on_change)(void *owner));
void own_node_fini(struct own_node *node);

/* NULL: it is not known. Borrowed until the next turn of the loop. */
const char *own_node_name(const struct own_node *node);

/* The agent was away, and may be another one. */
void own_node_ask_again(struct own_node *node);

void own_node_tick(struct own_node *node, uint64_t now_ms);
uint64_t own_node_next_tick_ms(const struct own_node *node);

/* The name that the answer has, or NULL. Borrowed from it. Pure. */
const char *own_node_read(const json_t *answer);

#endif
