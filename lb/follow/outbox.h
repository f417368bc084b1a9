/* What lb-report is told by lb-proxy's control thread: a message each (lb/contract/report.h), never waited for. Thread:
 * control. */
#ifndef LB_FOLLOW_OUTBOX_H
#define LB_FOLLOW_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/view.h"
#include "lb/contract/report.h"

struct outbox {
    int socket; /* -1: nobody is to be told */
    uint64_t dropped_count;
};

/* Borrows the socket. */
void outbox_init(struct outbox *outbox, int socket);

static inline bool outbox_is_open(const struct outbox *outbox)
{
    return outbox->socket >= 0;
}

/* Sends the object. What finds no room, or is longer than a message, is lost, and counted. */
void outbox_send(struct outbox *outbox, enum report_kind kind, struct view object);

#endif
