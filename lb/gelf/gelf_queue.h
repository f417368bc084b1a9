/* Lines that wait, up to so many bytes; in the order in which they came. Thread: any for gelf_queue_put, one for
 * the rest. */
#ifndef LB_GELF_GELF_QUEUE_H
#define LB_GELF_GELF_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "lb/base/view.h"

struct gelf_queue_item;

struct gelf_queue {
    pthread_mutex_t mutex; /* held for a copy at most, and guards all below */
    struct gelf_queue_item *first, **end;
    size_t bytes, bytes_max; /* what each item costs besides its line is counted, too */
    uint64_t count;
    _Atomic uint64_t *waiting; /* borrowed: the same for others to read */
    uint64_t dropped_count;    /* since it was last asked */
};

enum gelf_queue_put {
    GELF_QUEUE_NO_ROOM,
    GELF_QUEUE_WAITS,
    GELF_QUEUE_IS_FIRST /* nobody waited */
};

void gelf_queue_init(struct gelf_queue *queue, size_t bytes_max, _Atomic uint64_t *waiting);
void gelf_queue_fini(struct gelf_queue *queue);

/* Copies. */
enum gelf_queue_put gelf_queue_put(struct gelf_queue *queue, struct view line);

/* The line that waits longest. Borrowed until gelf_queue_drop_first. False: nobody waits. */
bool gelf_queue_first(struct gelf_queue *queue, struct view *line);
void gelf_queue_drop_first(struct gelf_queue *queue);

uint64_t gelf_queue_count(struct gelf_queue *queue);
uint64_t gelf_queue_take_dropped(struct gelf_queue *queue);

#endif
