#include "lb/master/orders.h"

#include <unistd.h>

#include "lb/base/log.h"
#include "lb/master/endings.h"
#include "lb/master/master_state.h"
#include "lb/master/notify.h"
#include "lb/master/serving.h"
#include "lb/master/succession.h"

#define RINGS_A_TURN 64u

/* Not to those that the terminal has told already. */
static void forward(struct master *master, const struct bells_ring *ring)
{
    for (unsigned i = 0; i < PROCESSES_MAX; i++) {
        struct process *process = &master->processes.list[i];
        if (!processes_is_proxy(process))
            continue;
        if (!ring->is_of_terminal || getpgid(process->pid) != getpgrp())
            processes_kill(process, ring->number);
    }
}

static void on_reload(struct master *master, const struct bells_ring *ring)
{
    struct process *process = processes_of_role(&master->processes, PROCESS_SERVING);
    if (process && process->stage == PROCESS_SEALED) {
        notify_reloading();
        master->succession.is_stale = master->succession.kind != SUCCESSION_NONE;
        processes_kill(process, ring->number);
        return;
    }
    log_warn("SIGHUP came too early: no lb-proxy serves yet");
}

static void on_ring(struct master *master, const struct bells_ring *ring)
{
    switch (ring->number) {
    case SIGCHLD:
        endings_reap(master);
        break;
    case SIGHUP:
        on_reload(master, ring);
        break;
    case SIGUSR1:
        forward(master, ring);
        break;
    case SIGUSR2:
        succession_begin_upgrade(master);
        break;
    default:
        forward(master, ring);
        serving_begin_to_end(master);
        break;
    }
}

/* What comes once lb itself is to be replaced waits for the next one, in the kernel. */
static bool is_to_listen(const struct master *master)
{
    return !master->is_over && !master->is_next_due;
}

void orders_obey(struct master *master)
{
    struct bells_ring ring;
    for (unsigned i = 0; i < RINGS_A_TURN && is_to_listen(master); i++) {
        if (!bells_next(&master->bells, &ring))
            return;
        on_ring(master, &ring);
    }
}
