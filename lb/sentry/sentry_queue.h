/* Envelopes that wait to be sent, first in, first out, bounded by number and by bytes. Thread: the caller's lock. */
#ifndef LB_SENTRY_SENTRY_QUEUE_H
#define LB_SENTRY_SENTRY_QUEUE_H

#include "lb/base/text.h"

struct sentry_queue {
    struct text *items; /* a ring */
    size_t count_max, bytes_max;
    size_t first, count, bytes;
};

void sentry_queue_init(struct sentry_queue *queue, size_t count_max, size_t bytes_max);
void sentry_queue_fini(struct sentry_queue *queue);

/* Takes the bytes of `envelope`, which is empty then. Fails: false, too many wait; nothing is taken. */
bool sentry_queue_put(struct sentry_queue *queue, struct text *envelope);

/* Gives the first one: text_fini(). False: none waits. */
bool sentry_queue_take(struct sentry_queue *queue, struct text *out);

#endif
