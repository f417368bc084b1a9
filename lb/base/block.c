#include "lb/base/block.h"

#include <stdlib.h>

#include "lb/base/memory.h"

/* What is kept for later at most, so that one burst does not hold its memory for ever. */
#define KEPT_SMALL_COUNT 1024u
#define KEPT_LARGE_COUNT 128u

static void free_all(struct block *block)
{
    while (block) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
}

void block_pool_fini(struct block_pool *pool)
{
    free_all(pool->free_small);
    free_all(pool->free_large);
    *pool = (struct block_pool){0};
}

static struct block *take_from(struct block **free_list, unsigned *count, size_t capacity)
{
    struct block *block = *free_list;
    if (block) {
        *free_list = block->next;
        --*count;
    } else {
        block = memory_resize(NULL, sizeof(*block) + capacity);
        block->capacity = capacity;
    }
    return block;
}

struct block *block_take(struct block_pool *pool, size_t capacity)
{
    struct block *block;
    if (capacity <= BLOCK_SMALL_BYTES) {
        block = take_from(&pool->free_small, &pool->free_small_count, BLOCK_SMALL_BYTES);
    } else if (capacity <= BLOCK_LARGE_BYTES) {
        block = take_from(&pool->free_large, &pool->free_large_count, BLOCK_LARGE_BYTES);
    } else {
        block = memory_resize(NULL, sizeof(*block) + capacity);
        block->capacity = capacity;
    }
    block->next = NULL;
    block->len = 0;
    pool->used_bytes += block->capacity;
    return block;
}

void block_give(struct block_pool *pool, struct block *block)
{
    if (!block)
        return;
    pool->used_bytes -= block->capacity;
    if (block->capacity == BLOCK_SMALL_BYTES && pool->free_small_count < KEPT_SMALL_COUNT) {
        block->next = pool->free_small;
        pool->free_small = block;
        pool->free_small_count++;
    } else if (block->capacity == BLOCK_LARGE_BYTES && pool->free_large_count < KEPT_LARGE_COUNT) {
        block->next = pool->free_large;
        pool->free_large = block;
        pool->free_large_count++;
    } else {
        free(block);
    }
}

void block_queue_append(struct block_pool *pool, struct block_queue *queue, struct view bytes)
{
    queue->len += bytes.len;
    while (bytes.len > 0) {
        if (!queue->last || queue->is_sealed || block_room(queue->last) == 0) {
            queue->is_sealed = false;
            size_t capacity = bytes.len < BLOCK_LARGE_BYTES ? bytes.len : BLOCK_LARGE_BYTES;
            struct block *block = block_take(pool, capacity);
            if (queue->last)
                queue->last->next = block;
            else
                queue->first = block;
            queue->last = block;
        }
        size_t room = block_room(queue->last);
        size_t part = bytes.len < room ? bytes.len : room;
        block_append(queue->last, view_of(bytes.ptr, part));
        bytes = view_skip(bytes, part);
    }
}

void block_queue_drop_first(struct block_pool *pool, struct block_queue *queue)
{
    struct block *block = queue->first;
    queue->first = block->next;
    if (!queue->first)
        queue->last = NULL;
    queue->len -= block->len;
    block_give(pool, block);
}

void block_queue_clear(struct block_pool *pool, struct block_queue *queue)
{
    while (queue->first)
        block_queue_drop_first(pool, queue);
}
