/* A helper (helper.h) that nobody waits for: lb-report, lb-acme. It is started by its plan, started again when it ends, and
 * replaced when the plan is another; what it works on outlives it (keepsakes.h). */
#ifndef LB_MASTER_ATTENDANT_H
#define LB_MASTER_ATTENDANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lb/master/helper.h"
#include "lb/master/processes.h"

struct master;

/* One of them; a constant. */
struct attendant {
    enum process_role role;
    size_t helper_at; /* in struct master: its struct helper */
    enum channel_keepsake reads,
        writes; /* what the master has of both is its descriptor 3, and 4 */
    /* Where an argument of it begins so, it is given what the master knows of Consul. NULL: never. */
    const char *consul;
    bool tells; /* it is given the outbox where there is somebody who delivers lines of logs */
    unsigned leave_ms; /* after SIGTERM, until SIGKILL */
    const char *name, *does;
    const char *meanwhile;                  /* what it does not do while it does not run */
    void (*prepare)(struct master *master); /* before it is started; NULL: nothing */
};

/* Where it finds the outbox: its descriptor 5. */
#define ATTENDANT_OUTBOX_FD 5

/* A process serves now, by this plan, which is taken (-1: none): starts what is to run, and ends what is not. */
void attendant_follow(struct master *master, const struct attendant *which, int plan);

/* The one that runs ends, and is started anew at once, by the same plan: the program on disk is another one. */
void attendant_replace(struct master *master, const struct attendant *which);

/* It has ended, with that status of waitpid(2): `one` is how it was. */
void attendant_has_ended(struct master *master, const struct attendant *which,
                         const struct process *one, int status);

/* Starts it where that is due. */
void attendant_tick(struct master *master, const struct attendant *which, uint64_t now_ns);

/* For the master's end: it is told to end, and killed soon after. To be said again and again. Gives whether it is gone. */
bool attendant_stop(struct master *master, const struct attendant *which);

#endif
