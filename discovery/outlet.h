/* Writes lines, to standard output or a connection, without ever waiting for the reader: a line that was begun is
 * finished, and of those that could not be begun only the newest is kept. */
#ifndef DISCOVERY_OUTLET_H
#define DISCOVERY_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/text.h"

struct outlet {
    int fd; /* not owned; its flags are left alone, others may share it. -1: nobody is there */
    struct text current;
    size_t sent_bytes; /* of `current` */
    struct text next;
    bool has_end; /* before `next` comes an empty line */
    bool is_gone; /* the reader went away */
};

void outlet_init(struct outlet *outlet, int fd);
void outlet_fini(struct outlet *outlet);

/* Takes the content of `line`, which is empty afterwards. */
void outlet_offer(struct outlet *outlet, struct text *line);

/* Before the next line comes an empty one, behind what has begun: for a reader that does not know whether it
 * began in the middle of a line. */
void outlet_end_line(struct outlet *outlet);

/* From now on it is `fd`, or nobody (-1): nothing that was offered to the one before goes there. */
void outlet_move(struct outlet *outlet, int fd);

/* Writes what can be written now, and looks whether the reader is still there. */
void outlet_flush(struct outlet *outlet);

/* True when there is nothing left to write. */
bool outlet_is_empty(const struct outlet *outlet);

/* Whether a line is half written. */
bool outlet_has_begun(const struct outlet *outlet);

#endif
