/* Writes lines to standard output without ever waiting for the reader: a line that was begun is
 * finished, and of those that could not be begun only the newest is kept. */
#ifndef DISCOVERY_OUTLET_H
#define DISCOVERY_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/text.h"

struct outlet {
    int fd; /* not owned; its flags are left alone, others may share it */
    struct text current;
    size_t sent_bytes; /* of `current` */
    struct text next;
    bool is_gone; /* the reader went away */
};

void outlet_init(struct outlet *outlet, int fd);
void outlet_fini(struct outlet *outlet);

/* Takes the content of `line`, which is empty afterwards. */
void outlet_offer(struct outlet *outlet, struct text *line);

/* Writes what can be written now, and looks whether the reader is still there. */
void outlet_flush(struct outlet *outlet);

/* True when there is nothing left to write. */
bool outlet_is_empty(const struct outlet *outlet);

/* Whether a line is half written. */
bool outlet_has_begun(const struct outlet *outlet);

#endif
