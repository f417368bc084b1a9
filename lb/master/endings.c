#include "lb/master/endings.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/base/log_about.h"
#include "lb/master/acme.h"
#include "lb/master/attendant.h"
#include "lb/master/crash_message.h"
#include "lb/master/crashes.h"
#include "lb/master/dialogue.h"
#include "lb/master/discovery.h"
#include "lb/master/master_state.h"
#include "lb/master/reporter.h"
#include "lb/master/succession.h"

static void end_with(struct master *master, int status)
{
    master->is_over = true;
    master->exit_status = crashes_exit_status(status);
}

static struct crashes_case case_of(const struct process *process, int status)
{
    return (struct crashes_case){.status = status,
                                 .lived_ns = clock_mono_ns() - process->started_ns,
                                 .wall_ns = clock_wall_ns(),
                                 .lost_count = keepsakes_sum(process->gauges)};
}

/* What it has left is nobody else's. */
static void report(struct master *master, const struct crashes_case *one)
{
    char left[CRASH_MESSAGE_TEXT_BYTES];
    crash_message_take(master->keepsakes.fds[CHANNEL_CRASH], left);
    if (reporter_is_wanted(master))
        crash_message_send(master->keepsakes.fds[CHANNEL_OUTBOX], one, &master->history, left);
}

static void tell_departure(struct master *master, const struct process *process, int status)
{
    char how[CRASHES_TEXT_BYTES];
    struct crashes_case one = case_of(process, status);
    if (status == 0) {
        log_info("lb-proxy %d has finished what ran in it", (int)process->pid);
        return;
    }
    log_warn("lb-proxy %d, which had given way, ended by %s; %" PRIu64
             " requests that ran are lost",
             (int)process->pid, crashes_describe(status, how), one.lost_count);
    report(master, &one);
}

static void start_again(struct master *master, const struct process *process, int status)
{
    char how[CRASHES_TEXT_BYTES], span[CRASHES_TEXT_BYTES];
    bool loop_begins;
    struct crashes_case one = case_of(process, status);
    unsigned pause_ms = crashes_count(&master->history, &one, &loop_begins);
    log_say(LOG_LEVEL_ERROR, &(struct log_about){.action = "process-crash", .outcome = "failure"},
            "lb-proxy %d ended by %s after %s; it is started again; %" PRIu64
            " requests that ran are lost",
            (int)process->pid, crashes_describe(status, how), crashes_span(one.lived_ns, span),
            one.lost_count);
    if (loop_begins)
        log_error("lb-proxy ends again and again soon after its start; /readyz says so until one "
                  "has lived a minute. What it wrote before says more.");
    report(master, &one);
    if (!succession_serving_has_ended(master))
        master->restart_at_ns = master_in_ms(pause_ms);
}

/* One that was just begun again, and told to end before it heeds that: nothing ran in it. */
static bool is_told_end(const struct master *master, const struct process *process, int status)
{
    return master->has_served && process->stage != PROCESS_SEALED && WIFSIGNALED(status) &&
           (WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGINT);
}

static void serving_has_ended(struct master *master, const struct process *process, int status)
{
    if (master->is_ending)
        master->exit_status =
            is_told_end(master, process, status) ? 0 : crashes_exit_status(status);
    else if (!master->has_served)
        end_with(master, status); /* a one-shot, or nothing could be served */
    else
        start_again(master, process, status);
}

static void coming_has_ended(struct master *master, const struct process *process, int status)
{
    store_give_back(&master->store, process->number);
    succession_coming_has_ended(master, status);
}

/* The row is free before others come. */
static void proxy_has_ended(struct master *master, struct process *process, int status)
{
    struct process one = *process;
    process->gauges = -1;
    processes_remove(process);
    if (one.role == PROCESS_SERVING)
        serving_has_ended(master, &one, status);
    else if (one.role == PROCESS_COMING)
        coming_has_ended(master, &one, status);
    else if (one.role == PROCESS_LEAVING && !one.is_told)
        tell_departure(master, &one, status);
    if (one.gauges >= 0)
        close(one.gauges);
}

static void reap_one(struct master *master, pid_t pid, int status)
{
    struct process *process = processes_of_pid(&master->processes, pid);
    if (!process)
        return; /* a stranger's, whose parent is gone */
    if (processes_is_proxy(process)) {
        dialogue_read(master, process); /* what it has said before */
        proxy_has_ended(master, process, status);
        return;
    }
    struct process one = *process;
    processes_remove(process);
    if (one.role == PROCESS_DISCOVERY)
        discovery_has_ended(master, status);
    else if (one.role == PROCESS_REPORTER)
        attendant_has_ended(master, &reporter_attendant, &one, status);
    else if (one.role == PROCESS_ACME)
        attendant_has_ended(master, &acme_attendant, &one, status);
    else if (one.role == PROCESS_TRIAL)
        succession_trial_has_ended(master, status);
}

void endings_reap(struct master *master)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        reap_one(master, pid, status);
}
