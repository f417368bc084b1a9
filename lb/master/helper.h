/* A program that the master starts by a plan (plan.h) and starts again when it ends: what lb-discovery, lb-report and
 * lb-acme have in common. */
#ifndef LB_MASTER_HELPER_H
#define LB_MASTER_HELPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lb/base/rng.h"
#include "lb/contract/channel.h"
#include "lb/master/bells.h"

struct process;

struct helper {
    int plan;               /* -1: none */
    uint64_t restart_at_ns; /* 0: it is not waited for */
    uint64_t start_count;
    unsigned failures_in_a_row;
    bool is_replaced; /* it was told to end, and is started anew at once */
    bool has_outbox;  /* the one that was started last was given the way to lb-report */
};

/* What the child is given. Borrowed. */
#define HELPER_FDS 6u
struct helper_start {
    int fds
        [HELPER_FDS]; /* become its descriptors 0, 1, and so on; -1: the standard stream stays, another one is not there */
    int (*become)(const struct channel_place *place); /* see privilege.h */
    const struct channel_place *place;
    char *const *words; /* of its environment, where the plan has none of that name */
    const struct bells *bells;
};

void helper_init(struct helper *helper);

/* The plan is this from now on, which is taken. */
void helper_take_plan(struct helper *helper, int plan);

/* Starts it, in a session of its own, with SIGUSR1 blocked: what comes before the program is ready for it waits until
 * that is. Gives when the program runs. Fails: -errno, also where it was the child that could not. */
pid_t helper_start(struct helper *helper, const struct helper_start *start);

/* It ended, or could not be started: it is started again after a pause, longer each time, up to some seconds. */
void helper_start_later(struct helper *helper, struct rng *rng);

/* The one that runs is told to end, and killed `leave_ms` later. Nothing for one that was told before. */
void helper_tell_to_end(struct process *process, unsigned leave_ms);

#endif
