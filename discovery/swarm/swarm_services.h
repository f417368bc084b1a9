/* The services of a swarm, as far as lb cares: what GET /services tells. Pure. */
#ifndef DISCOVERY_SWARM_SWARM_SERVICES_H
#define DISCOVERY_SWARM_SWARM_SERVICES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "discovery/swarm/swarm_id.h"

#define SWARM_SERVICES_MAX 10000

struct swarm_service {
    struct swarm_id id;
    char *name;
    uint64_t version;
    json_t *labels;   /* of the service itself (deploy.labels); NULL: none */
    json_t *ports;    /* that it publishes, as the API has them; NULL: none */
    bool is_updating; /* also back */
};

/* Zeroed memory is empty. */
struct swarm_services {
    struct swarm_service *list; /* by id, once sorted */
    size_t count, capacity;
    size_t lost_count; /* that were too many, or none */
    bool is_updating;  /* one at least */
};

void swarm_services_fini(struct swarm_services *services);

/* Adds one element of the list; what is no service is passed over. */
void swarm_services_take(struct swarm_services *services, const json_t *element);

/* Behind the last one. */
void swarm_services_sort(struct swarm_services *services);

/* NULL: not known. Only after the sort. */
const struct swarm_service *swarm_services_find(const struct swarm_services *services,
                                                const struct swarm_id *id);

#endif
