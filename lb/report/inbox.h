/* Where lb-report is told: messages of lb/contract/report.h over a SOCK_SEQPACKET socket. */
#ifndef LB_REPORT_INBOX_H
#define LB_REPORT_INBOX_H

#include <stdbool.h>

#include "lb/contract/report.h"
#include "lb/base/view.h"

struct inbox {
    int fd;
    uint64_t broken_count; /* messages of no kind, or cut off */
    char bytes[REPORT_MESSAGE_MAX + 1];
};

/* Whether that descriptor is such a socket. Borrows it. */
bool inbox_open(struct inbox *inbox, int fd);

enum inbox_end {
    INBOX_MESSAGE,
    INBOX_SKIPPED, /* one that is none */
    INBOX_EMPTY,   /* none waits */
    INBOX_CLOSED,  /* nobody will tell any more */
};

/* Takes the next one, without waiting: its kind, and what follows. Borrowed until the next call. */
enum inbox_end inbox_take(struct inbox *inbox, char *kind, struct view *message);

#endif
