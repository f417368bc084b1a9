#include "lb/sentry/sentry_queue.h"

#include <stdlib.h>

#include "lb/base/memory.h"

void sentry_queue_init(struct sentry_queue *queue, size_t count_max, size_t bytes_max)
{
    *queue = (struct sentry_queue){.count_max = count_max, .bytes_max = bytes_max};
    queue->items = memory_new(count_max * sizeof(queue->items[0]));
}

void sentry_queue_fini(struct sentry_queue *queue)
{
    struct text envelope;
    while (sentry_queue_take(queue, &envelope))
        text_fini(&envelope);
    free(queue->items);
    queue->items = NULL;
}

bool sentry_queue_put(struct sentry_queue *queue, struct text *envelope)
{
    if (queue->count == queue->count_max || envelope->len > queue->bytes_max - queue->bytes)
        return false;
    queue->items[(queue->first + queue->count++) % queue->count_max] = *envelope;
    queue->bytes += envelope->len;
    *envelope = TEXT_INIT;
    return true;
}

bool sentry_queue_take(struct sentry_queue *queue, struct text *out)
{
    if (queue->count == 0)
        return false;
    *out = queue->items[queue->first];
    queue->items[queue->first] = TEXT_INIT;
    queue->first = (queue->first + 1) % queue->count_max;
    queue->count--;
    queue->bytes -= out->len;
    return true;
}
