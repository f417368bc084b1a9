/* What each container asks of a line: its endpoints, routes and listeners, in parts that are told together or not
 * at all. All routes of a host are one part, with the services that they lead to: without some of
 * them, its requests would go where they are not meant to. Pure. */
#ifndef DISCOVERY_DEMAND_H
#define DISCOVERY_DEMAND_H

#include "discovery/set.h"
#include "lb/base/text.h"
#include "lb/base/view.h"

enum demand_kind { DEMAND_ENDPOINT, DEMAND_ROUTE, DEMAND_LISTENER, DEMAND_KIND_COUNT };

/* Of the set. */
struct demand_item {
    struct view
        owner; /* the id of the container, or of the entry of a catalog; empty: what the operator wrote */
    uint64_t created_ns;
    uint64_t rank; /* of the part, among those of the owner */
    enum demand_kind kind;
    size_t at; /* in the set */
};

struct demand_size {
    size_t route_count, endpoint_count, listener_count;
    size_t bytes; /* 0: not known yet */
};

struct demand_part {
    size_t begin, end; /* of its items */
    struct demand_size size;
};

struct demand_owner {
    struct view id;
    size_t begin, end; /* of its parts; lb's own answers come first */
    struct demand_size size;
};

struct demand {
    struct demand_item *items;
    size_t item_count;
    struct demand_part *parts;
    size_t part_count;
    struct demand_owner *owners; /* the oldest first, before them what the operator wrote */
    size_t owner_count;
    struct demand_size size; /* of all */
};

/* Borrows from the set. No part has its bytes yet. Gives: demand_fini(). */
void demand_measure(const struct set *set, struct demand *out);

/* Sets the bytes of a part, if it has none: they are worth asking only where there may be room. */
void demand_weigh(const struct set *set, const struct demand *demand, struct demand_part *part,
                  struct text *scratch);
void demand_fini(struct demand *demand);

void demand_add_size(struct demand_size *sum, const struct demand_size *size);

#endif
