/* A task of a swarm in the form of a container's inspect, so that it is understood as a container of this
 * host is. Pure. */
#ifndef DISCOVERY_SWARM_PORTRAIT_H
#define DISCOVERY_SWARM_PORTRAIT_H

#include "discovery/docker/container.h"
#include "discovery/swarm/swarm_images.h"
#include "discovery/swarm/swarm_nodes.h"
#include "discovery/swarm/swarm_services.h"

/* All borrowed. */
struct portrait_sitter {
    const json_t *task; /* an element of GET /tasks */
    const struct swarm_service *service;
    const struct swarm_node *node;   /* NULL: none as yet, or it is not known */
    const struct swarm_image *image; /* NULL: nothing is known of it */
    bool is_here;                    /* it runs on the node that is asked */
};

/* The id that its container has, or, as long as there is none, that of the task. Fails: false for what is no
 * task. */
bool portrait_id(const json_t *task, struct engine_id *out);

/* Gives: container_free(). Fails: NULL for what is no task. */
struct container *portrait_make(const struct portrait_sitter *sitter,
                                const struct dialect_settings *settings);

#endif
