/* Blocks: pooled byte buffers for what must outlive a read, such as the head kept for a retry, or
 * bytes that a socket does not take yet. Two sizes are kept on free lists, so steady traffic does
 * not allocate; larger ones come from the heap and go back to it. One pool per thread. */
#ifndef LB_BASE_BLOCK_H
#define LB_BASE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/view.h"

#define BLOCK_SMALL_BYTES 2048
#define BLOCK_LARGE_BYTES 16384

struct block {
    struct block *next; /* for the queue the block is in */
    size_t capacity;
    size_t len; /* bytes filled */
    char bytes[];
};

struct block_pool {
    struct block *free_small;
    struct block *free_large;
    unsigned free_small_count;
    unsigned free_large_count;
    size_t
        used_bytes;   /* capacity of all blocks that are out, and what others hold and count here */
    size_t max_bytes; /* of these, before everything that can wait does; 0: no limit */
};

/* What one connection may take at a time is a share of what is left, within these. */
#define BLOCK_PORTION_MIN   2048u
#define BLOCK_PORTION_MAX   65536u
#define BLOCK_PORTION_SHARE 256u

static inline bool block_pool_is_full(const struct block_pool *pool)
{
    return pool->max_bytes > 0 && pool->used_bytes > pool->max_bytes;
}

/* Less and less as the pool gets full, so that many who hold something do not fill it. */
static inline size_t block_pool_portion(const struct block_pool *pool)
{
    size_t left = pool->max_bytes > pool->used_bytes ? pool->max_bytes - pool->used_bytes : 0;
    size_t share = left / BLOCK_PORTION_SHARE;
    if (pool->max_bytes == 0 || share > BLOCK_PORTION_MAX)
        return BLOCK_PORTION_MAX;
    return share > BLOCK_PORTION_MIN ? share : BLOCK_PORTION_MIN;
}

/* Frees what lies on the free lists. All blocks must have been given back. */
void block_pool_fini(struct block_pool *pool);

/* An empty block of at least `capacity` bytes. Gives: to be handed to block_give. */
struct block *block_take(struct block_pool *pool, size_t capacity);

/* Takes `block` back; NULL is allowed. */
void block_give(struct block_pool *pool, struct block *block);

static inline size_t block_room(const struct block *block)
{
    return block->capacity - block->len;
}

/* The caller has made sure of the room. */
static inline void block_append(struct block *block, struct view bytes)
{
    memcpy(block->bytes + block->len, bytes.ptr, bytes.len);
    block->len += bytes.len;
}

static inline struct view block_view(const struct block *block)
{
    return view_of(block->bytes, block->len);
}

/* A queue of blocks, first in, first out. Zeroed memory is an empty queue. */
struct block_queue {
    struct block *first;
    struct block *last;
    size_t len;     /* bytes in all blocks */
    bool is_sealed; /* the last block takes no more: somebody is reading it */
};

/* Copies `bytes` to the end, taking blocks as needed. */
void block_queue_append(struct block_pool *pool, struct block_queue *queue, struct view bytes);

/* What is appended from now on goes to a new block. */
static inline void block_queue_seal(struct block_queue *queue)
{
    queue->is_sealed = true;
}

/* Gives the first block back. */
void block_queue_drop_first(struct block_pool *pool, struct block_queue *queue);

/* Gives all blocks back. */
void block_queue_clear(struct block_pool *pool, struct block_queue *queue);

#endif
