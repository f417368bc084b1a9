#include "lb/pool/pool_kin.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/hash.h"
#include "lb/base/memory.h"

static unsigned place_of(const struct pool_kin *kin, const char *id)
{
    uint64_t hash = hash_str(HASH_INIT, id);
    return (unsigned)(hash ^ hash >> 32) & (kin->capacity - 1);
}

struct endpoint *pool_kin_find(const struct pool_kin *kin,
                               const struct pool_wanted_endpoint *wanted)
{
    if (kin->count == 0)
        return NULL;
    for (unsigned at = place_of(kin, wanted->id);; at = (at + 1) & (kin->capacity - 1)) {
        struct endpoint *endpoint = kin->slots[at];
        if (!endpoint || (strcmp(endpoint->id, wanted->id) == 0 &&
                          address_eq(&endpoint->address, &wanted->address) &&
                          protocol_is_kin(endpoint->protocol, wanted->protocol)))
            return endpoint;
    }
}

static void put(struct pool_kin *kin, struct endpoint *endpoint)
{
    unsigned at = place_of(kin, endpoint->id);
    while (kin->slots[at])
        at = (at + 1) & (kin->capacity - 1);
    kin->slots[at] = endpoint;
    kin->count++;
}

static void grow(struct pool_kin *kin)
{
    struct pool_kin bigger = {.capacity = kin->capacity > 0 ? 2 * kin->capacity : 64};
    bigger.slots = memory_new(bigger.capacity * sizeof(struct endpoint *));
    for (unsigned i = 0; i < kin->capacity; i++)
        if (kin->slots[i])
            put(&bigger, kin->slots[i]);
    free(kin->slots);
    *kin = bigger;
}

void pool_kin_add(struct pool_kin *kin, struct endpoint *endpoint)
{
    if (2 * (kin->count + 1) > kin->capacity)
        grow(kin);
    put(kin, endpoint);
}

void pool_kin_fini(struct pool_kin *kin)
{
    free(kin->slots);
    *kin = (struct pool_kin){0};
}
