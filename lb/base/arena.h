/* Bytes that are all freed at once. Memory that is given stays where it is. */
#ifndef LB_BASE_ARENA_H
#define LB_BASE_ARENA_H

#include "lb/base/view.h"

/* Zeroed memory is an empty one. */
struct arena {
    struct arena_chunk *chunks; /* the latest first */
    size_t left_bytes;          /* at the end of that */
};

/* Zeroed bytes, aligned for anything. Borrowed from the arena. */
void *arena_new(struct arena *arena, size_t bytes);

/* The next ones are of one piece, as long as they take no more than that together: for an arena whose
 * size is known. */
void arena_reserve(struct arena *arena, size_t bytes);

/* A copy. Borrowed from the arena. */
struct view arena_copy(struct arena *arena, struct view bytes);

/* Frees all of it; the arena is empty and usable again. */
void arena_fini(struct arena *arena);

#endif
