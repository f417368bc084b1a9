#include "discovery/docker/remarks.h"

#include <stdlib.h>

#include "lb/base/hash.h"
#include "lb/base/memory.h"

#define FIRST_CAPACITY 64

void remarks_fini(struct remarks *remarks)
{
    free(remarks->said);
    *remarks = (struct remarks){0};
}

/* Where the hash is, or is to be. */
static uint64_t *find(const struct remarks *remarks, uint64_t hash)
{
    size_t at = hash & (remarks->capacity - 1);
    while (remarks->said[at] != 0 && remarks->said[at] != hash)
        at = (at + 1) & (remarks->capacity - 1);
    return &remarks->said[at];
}

/* Half of the places stay free. */
static void make_room(struct remarks *remarks)
{
    struct remarks before = *remarks;
    if (remarks->count == REMARKS_MAX)
        remarks_fini(remarks);
    if (remarks->count * 2 < remarks->capacity)
        return;
    remarks->capacity = remarks->capacity > 0 ? remarks->capacity * 2 : FIRST_CAPACITY;
    remarks->said = memory_new(remarks->capacity * sizeof(remarks->said[0]));
    if (remarks->count == 0)
        return;
    for (size_t i = 0; i < before.capacity; i++)
        if (before.said[i] != 0)
            *find(remarks, before.said[i]) = before.said[i];
    free(before.said);
}

bool remarks_is_new(struct remarks *remarks, const char *service, const char *remark)
{
    uint64_t hash = hash_str(hash_str(HASH_INIT, service), remark);
    hash += hash == 0;
    if (remarks->capacity > 0 && *find(remarks, hash) == hash)
        return false;
    make_room(remarks);
    *find(remarks, hash) = hash;
    remarks->count++;
    return true;
}
