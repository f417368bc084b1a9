/* From names to numbers: one hash, and mostly one comparison. Built once, then only read. Each
 * map has a secret of its own, so that who chooses names cannot make them collide. */
#ifndef LB_ROUTE_NAME_MAP_H
#define LB_ROUTE_NAME_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/view.h"

#define NAME_MAP_NONE UINT32_MAX

struct name_slot {
    uint32_t tag;   /* of the hash */
    uint32_t value; /* NAME_MAP_NONE: it is free */
    struct view name;
};

struct name_map {
    struct name_slot *slots;
    uint64_t seed;
    uint32_t mask; /* a power of two less one */
};

/* Room for `count` names. To be handed to name_map_fini. */
void name_map_init(struct name_map *map, uint32_t count);
void name_map_fini(struct name_map *map);

/* The same names and values. To be handed to name_map_fini. */
void name_map_copy(struct name_map *map, const struct name_map *from);

/* Whether so many names have room, and not far too much. */
bool name_map_suits(const struct name_map *map, uint32_t count);

/* The place of the value of that name, NAME_MAP_NONE at first. Borrows the name, and the one that was
 * there no more. Valid until the next one is added or removed. */
uint32_t *name_map_add(struct name_map *map, struct view name);

/* One that is there. */
void name_map_remove(struct name_map *map, struct view name);

/* Has numbers[value] in place of each value. */
void name_map_renumber(struct name_map *map, const uint32_t *numbers);

/* All names are there: makes sure that they are found soon. */
void name_map_finish(struct name_map *map);

uint64_t name_map_hash(uint64_t seed, struct view name);

/* NAME_MAP_NONE: it is not there. Thread: any. */
static inline uint32_t name_map_find(const struct name_map *map, struct view name)
{
    uint64_t hash = name_map_hash(map->seed, name);
    for (uint32_t at = (uint32_t)hash & map->mask;; at = (at + 1) & map->mask) {
        const struct name_slot *slot = &map->slots[at];
        if (slot->value == NAME_MAP_NONE)
            return NAME_MAP_NONE;
        if (slot->tag == (uint32_t)(hash >> 32) && view_eq(slot->name, name))
            return slot->value;
    }
}

#endif
