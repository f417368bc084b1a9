/* Server-sent events (HTML § 9.2) out of a byte stream: the texts behind "data:". Bounded. */
#ifndef LB_CONSOLE_FEED_H
#define LB_CONSOLE_FEED_H

#include <stdbool.h>

#include "lb/base/text.h"

#define FEED_EVENT_MAX_BYTES ((size_t)64 << 20)

/* Zeroed memory is ready. */
struct feed {
    struct text pending;    /* from a line that is not complete yet on, behind what is taken */
    size_t taken, searched; /* at its begin; of the rest, where no line ends */
    struct text data;       /* of the event that is not complete yet */
};

/* Appends bytes. Fails: false, if an event is longer than FEED_EVENT_MAX_BYTES. */
bool feed_add(struct feed *feed, struct view bytes);

/* Gives the next whole event in `event`, which is cleared. False: more bytes are wanted. */
bool feed_next(struct feed *feed, struct text *event);

void feed_fini(struct feed *feed);

#endif
