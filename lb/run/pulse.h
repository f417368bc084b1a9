/* A sign of life for the master, and with it for systemd: all threads go round; and one line of how it goes. Thread: control. */
#ifndef LB_RUN_PULSE_H
#define LB_RUN_PULSE_H

#include "lb/crew/crew.h"
#include "lb/follow/publisher.h"
#include "lb/run/link.h"

#define PULSE_MS 2000u

/* All borrowed. */
struct pulse {
    struct deadline next;
    struct loop *loop;
    struct crew *crew;
    const struct publisher *publisher;
    struct link *link;
    char status[128]; /* as it was said last */
};

/* Beats from now on, each time when every worker has answered to the beat before. */
void pulse_start(struct pulse *pulse);

/* Idempotent; harmless where it was never started. */
void pulse_stop(struct pulse *pulse);

#endif
