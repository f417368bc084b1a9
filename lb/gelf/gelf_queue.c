#include "lb/gelf/gelf_queue.h"

#include <stdlib.h>

#include "lb/base/bounds.h"
#include "lb/base/memory.h"

struct gelf_queue_item {
    struct gelf_queue_item *next;
    size_t len;
    char bytes[];
};

void gelf_queue_init(struct gelf_queue *queue, size_t bytes_max, _Atomic uint64_t *waiting)
{
    *queue = (struct gelf_queue){.bytes_max = bytes_max, .waiting = waiting};
    atomic_store(waiting, 0);
    queue->end = &queue->first;
    pthread_mutex_init(&queue->mutex, NULL);
}

void gelf_queue_fini(struct gelf_queue *queue)
{
    while (queue->first)
        gelf_queue_drop_first(queue);
    pthread_mutex_destroy(&queue->mutex);
}

static size_t cost_of(size_t len)
{
    return sizeof(struct gelf_queue_item) + len;
}

static struct gelf_queue_item *item_new(struct view line)
{
    struct gelf_queue_item *item = memory_new(cost_of(line.len));
    item->len = line.len;
    memcpy(item->bytes, line.ptr, line.len);
    return item;
}

enum gelf_queue_put gelf_queue_put(struct gelf_queue *queue, struct view line)
{
    enum gelf_queue_put put = GELF_QUEUE_NO_ROOM;
    pthread_mutex_lock(&queue->mutex);
    if (cost_of(line.len) <= queue->bytes_max - queue->bytes) {
        struct gelf_queue_item *item = item_new(line);
        put = queue->first ? GELF_QUEUE_WAITS : GELF_QUEUE_IS_FIRST;
        *queue->end = item;
        queue->end = &item->next;
        queue->bytes += cost_of(line.len);
        atomic_store(queue->waiting, ++queue->count);
    } else {
        queue->dropped_count++;
    }
    pthread_mutex_unlock(&queue->mutex);
    return put;
}

bool gelf_queue_first(struct gelf_queue *queue, struct view *line)
{
    pthread_mutex_lock(&queue->mutex);
    struct gelf_queue_item *item = queue->first;
    pthread_mutex_unlock(&queue->mutex);
    if (item)
        *line = view_of(item->bytes, item->len);
    return item != NULL;
}

void gelf_queue_drop_first(struct gelf_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    struct gelf_queue_item *item = queue->first;
    bounds_hold(item != NULL);
    queue->first = item->next;
    if (!queue->first)
        queue->end = &queue->first;
    queue->bytes -= cost_of(item->len);
    atomic_store(queue->waiting, --queue->count);
    pthread_mutex_unlock(&queue->mutex);
    free(item);
}

uint64_t gelf_queue_count(struct gelf_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    uint64_t count = queue->count;
    pthread_mutex_unlock(&queue->mutex);
    return count;
}

uint64_t gelf_queue_take_dropped(struct gelf_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    uint64_t count = queue->dropped_count;
    queue->dropped_count = 0;
    pthread_mutex_unlock(&queue->mutex);
    return count;
}
