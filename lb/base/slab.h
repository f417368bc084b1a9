/* A free list of objects of one size, for one thread: connections and exchanges come and go
 * without the heap. Objects are not zeroed. */
#ifndef LB_BASE_SLAB_H
#define LB_BASE_SLAB_H

#include <stddef.h>

struct slab {
    size_t object_bytes;
    void *free;
    unsigned free_count;
    unsigned kept_count; /* free objects kept at most */
    unsigned used_count;
};

/* `object_bytes` is at least the size of a pointer. */
void slab_init(struct slab *slab, size_t object_bytes, unsigned kept_count);

/* Frees what lies on the free list. */
void slab_fini(struct slab *slab);

/* Gives an object with undefined content, never NULL. */
void *slab_take(struct slab *slab);

/* Takes `object` back. */
void slab_give(struct slab *slab, void *object);

#endif
