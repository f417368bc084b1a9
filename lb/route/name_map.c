#include "lb/route/name_map.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/base/rng.h"

#define RUN_MAX   64u /* of slots that are taken, side by side */
#define TRIES_MAX 16u
#define ROOM_MAX  8u /* times as much as is needed */

/* The product of two words, both halves of it. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t word_at(const char *bytes, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, bytes, len);
    return word;
}

/* The last bytes once more, in place of some that are not there. */
static uint64_t last_word(struct view name)
{
    if (name.len >= 8)
        return word_at(name.ptr + name.len - 8, 8);
    if (name.len >= 4)
        return word_at(name.ptr, 4) << 32 | word_at(name.ptr + name.len - 4, 4);
    return name.len == 0 ? 0
                         : (uint64_t)(unsigned char)name.ptr[0] << 16 |
                               (uint64_t)(unsigned char)name.ptr[name.len / 2] << 8 |
                               (unsigned char)name.ptr[name.len - 1];
}

uint64_t name_map_hash(uint64_t seed, struct view name)
{
    const uint64_t odd = UINT64_C(0xA0761D6478BD642F);
    uint64_t hash = seed + name.len * odd;
    for (size_t at = 0; at + 8 < name.len; at += 8)
        hash = fold(hash ^ word_at(name.ptr + at, 8), odd);
    return fold(hash ^ last_word(name), odd);
}

static void free_all(struct name_map *map)
{
    for (uint32_t i = 0; i <= map->mask; i++)
        map->slots[i].value = NAME_MAP_NONE;
}

void name_map_init(struct name_map *map, uint32_t count)
{
    uint32_t size = 4;
    while (size < count * 2)
        size *= 2;
    struct rng rng;
    rng_init(&rng);
    *map = (struct name_map){
        .slots = memory_new(size * sizeof(*map->slots)), .seed = rng_next(&rng), .mask = size - 1};
    free_all(map);
}

void name_map_copy(struct name_map *map, const struct name_map *from)
{
    size_t bytes = (from->mask + 1u) * sizeof(*map->slots);
    *map = *from;
    map->slots = memory_resize(NULL, bytes);
    memcpy(map->slots, from->slots, bytes);
}

bool name_map_suits(const struct name_map *map, uint32_t count)
{
    uint64_t size = map->mask + UINT64_C(1), wanted = (uint64_t)count * 2;
    return size >= wanted && size / ROOM_MAX <= wanted + 4;
}

void name_map_fini(struct name_map *map)
{
    free(map->slots);
    *map = (struct name_map){0};
}

static struct name_slot *slot_of(struct name_map *map, struct view name)
{
    uint64_t hash = name_map_hash(map->seed, name);
    uint32_t at = (uint32_t)hash & map->mask;
    while (map->slots[at].value != NAME_MAP_NONE && !view_eq(map->slots[at].name, name))
        at = (at + 1) & map->mask;
    map->slots[at].name = name;
    map->slots[at].tag = (uint32_t)(hash >> 32);
    return &map->slots[at];
}

uint32_t *name_map_add(struct name_map *map, struct view name)
{
    return &slot_of(map, name)->value;
}

/* Whether a name that belongs at `home` is found in a free slot before `at`, and no search for it ends
 * there. */
static bool may_move(const struct name_map *map, uint32_t home, uint32_t at, uint32_t free_slot)
{
    return ((at - home) & map->mask) >= ((at - free_slot) & map->mask);
}

/* Those behind it move up, so that no search ends too soon. */
void name_map_remove(struct name_map *map, struct view name)
{
    uint32_t free_slot = (uint32_t)(slot_of(map, name) - map->slots);
    for (uint32_t at = (free_slot + 1) & map->mask; map->slots[at].value != NAME_MAP_NONE;
         at = (at + 1) & map->mask) {
        uint32_t home = (uint32_t)name_map_hash(map->seed, map->slots[at].name) & map->mask;
        if (!may_move(map, home, at, free_slot))
            continue;
        map->slots[free_slot] = map->slots[at];
        free_slot = at;
    }
    map->slots[free_slot].value = NAME_MAP_NONE;
}

void name_map_renumber(struct name_map *map, const uint32_t *numbers)
{
    for (uint32_t i = 0; i <= map->mask; i++)
        if (map->slots[i].value != NAME_MAP_NONE)
            map->slots[i].value = numbers[map->slots[i].value];
}

static bool has_long_run(const struct name_map *map)
{
    uint32_t run = 0;
    for (uint32_t i = 0; i <= map->mask; i++) {
        run = map->slots[i].value == NAME_MAP_NONE ? 0 : run + 1;
        if (run > RUN_MAX)
            return true;
    }
    return false;
}

static void hash_again(struct name_map *map)
{
    struct name_slot *before = map->slots;
    map->slots = memory_new((map->mask + 1u) * sizeof(*map->slots));
    free_all(map);
    map->seed = name_map_hash(map->seed + 1, VIEW("again"));
    for (uint32_t i = 0; i <= map->mask; i++)
        if (before[i].value != NAME_MAP_NONE)
            slot_of(map, before[i].name)->value = before[i].value;
    free(before);
}

void name_map_finish(struct name_map *map)
{
    for (unsigned tries = 0; tries < TRIES_MAX && has_long_run(map); tries++)
        hash_again(map);
}
