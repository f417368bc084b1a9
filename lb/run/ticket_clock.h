/* Asks once a minute whether a new key of TLS tickets is due. Thread: control. */
#ifndef LB_RUN_TICKET_CLOCK_H
#define LB_RUN_TICKET_CLOCK_H

#include "lb/crew/crew.h"

#define TICKET_CLOCK_EVERY_MS 60000u

struct ticket_clock {
    struct loop *loop;
    struct crew *crew;
    struct deadline due;
};

/* Borrows both. */
void ticket_clock_open(struct ticket_clock *clock, struct loop *loop, struct crew *crew);

/* Idempotent; harmless on zeroed memory. */
void ticket_clock_close(struct ticket_clock *clock);

#endif
