#include "lb/base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "lb/base/memory.h"

#define CHUNK_BYTES 16384u

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static void add_chunk(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk = memory_new(sizeof(*chunk) + size);
    chunk->next = arena->chunks;
    chunk->size = size;
    arena->chunks = chunk;
    arena->left_bytes = size;
}

static size_t aligned(size_t bytes)
{
    return (bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
}

void arena_reserve(struct arena *arena, size_t bytes)
{
    if (arena->left_bytes < bytes || !arena->chunks)
        add_chunk(arena, aligned(bytes));
}

void *arena_new(struct arena *arena, size_t bytes)
{
    size_t size = aligned(bytes);
    if (arena->left_bytes < size || !arena->chunks)
        add_chunk(arena, size > CHUNK_BYTES ? size : CHUNK_BYTES);
    char *at = arena->chunks->bytes + arena->chunks->size - arena->left_bytes;
    arena->left_bytes -= size;
    return at;
}

struct view arena_copy(struct arena *arena, struct view bytes)
{
    char *copy = arena_new(arena, bytes.len);
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    return view_of(copy, bytes.len);
}

void arena_fini(struct arena *arena)
{
    struct arena_chunk *next;
    for (struct arena_chunk *chunk = arena->chunks; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *arena = (struct arena){0};
}
