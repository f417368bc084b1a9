#include "lb/base/slab.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

void slab_init(struct slab *slab, size_t object_bytes, unsigned kept_count)
{
    *slab = (struct slab){.object_bytes = object_bytes, .kept_count = kept_count};
}

static void *pop(struct slab *slab)
{
    void *object = slab->free;
    memcpy(&slab->free, object, sizeof(void *));
    slab->free_count--;
    return object;
}

void slab_fini(struct slab *slab)
{
    while (slab->free)
        free(pop(slab));
}

void *slab_take(struct slab *slab)
{
    slab->used_count++;
    return slab->free ? pop(slab) : memory_resize(NULL, slab->object_bytes);
}

void slab_give(struct slab *slab, void *object)
{
    slab->used_count--;
    if (slab->free_count >= slab->kept_count) {
        free(object);
        return;
    }
    memcpy(object, &slab->free, sizeof(void *));
    slab->free = object;
    slab->free_count++;
}
