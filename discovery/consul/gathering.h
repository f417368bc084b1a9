/* What the entries of all services that are followed come to together: a set. What their tags ask for and what
 * one of them defines for another one (Traefik's middlewares) is settled between them. An id that two entries have,
 * as while a service gets another name, is that of the one that was changed last. Pure. */
#ifndef DISCOVERY_CONSUL_GATHERING_H
#define DISCOVERY_CONSUL_GATHERING_H

#include "discovery/consul/instances.h"
#include "discovery/set.h"
#include "lb/base/arena.h"

/* Zeroed memory is a good start. */
struct gathering {
    struct arena texts;  /* ids of ports beside an entry's own, and sentences */
    struct arena shares; /* of routes that services have together */
    struct claimant **claimants;
    struct instance **instances; /* likewise: of all services, the oldest first */
    struct instance **by_id;     /* the same, by id, each once */
    size_t count, capacity;
    char *remark; /* on the whole, or NULL */
};

/* Fills `set`, sorted, which borrows from the lists and from `gathering` until the next call. `settings` NULL:
 * none. */
void gathering_fill(struct gathering *gathering, struct instances *const *lists, size_t count,
                    const struct dialect_settings *settings, struct set *set);
void gathering_fini(struct gathering *gathering);

#endif
