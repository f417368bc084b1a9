/* From host names to numbers: one hash, and mostly one comparison. Built once, then only read. Each
 * map has a secret of its own, so that who chooses names cannot make them collide. */
#ifndef LB_ROUTE_HOST_MAP_H
#define LB_ROUTE_HOST_MAP_H

#include <stdint.h>

#include "lb/base/view.h"

#define HOST_MAP_NONE UINT32_MAX

struct host_slot {
    uint32_t tag;   /* of the hash */
    uint32_t value; /* HOST_MAP_NONE: it is free */
    struct view name;
};

struct host_map {
    struct host_slot *slots;
    uint64_t seed;
    uint32_t mask; /* a power of two less one */
    uint32_t count;
};

/* Room for `count` names. To be handed to host_map_fini. */
void host_map_init(struct host_map *map, uint32_t count);
void host_map_fini(struct host_map *map);

/* The place of the value of that name, HOST_MAP_NONE at first. Borrows the name. Valid until the next
 * one is added. */
uint32_t *host_map_add(struct host_map *map, struct view name);

/* All names are there: makes sure that they are found soon. */
void host_map_finish(struct host_map *map);

uint64_t host_map_hash(uint64_t seed, struct view name);

/* HOST_MAP_NONE: it is not there. Thread: any. */
static inline uint32_t host_map_find(const struct host_map *map, struct view name)
{
    uint64_t hash = host_map_hash(map->seed, name);
    for (uint32_t at = (uint32_t)hash & map->mask;; at = (at + 1) & map->mask) {
        const struct host_slot *slot = &map->slots[at];
        if (slot->value == HOST_MAP_NONE)
            return HOST_MAP_NONE;
        if (slot->tag == (uint32_t)(hash >> 32) && view_eq(slot->name, name))
            return slot->value;
    }
}

#endif
