#include "lb/master/master.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/master/crashes.h"
#include "lb/master/dialogue.h"
#include "lb/master/discovery.h"

#define CUT_MS 5000u /* between SIGTERM and SIGKILL, for a proxy process that is to end */

uint64_t master_in_ms(uint64_t ms)
{
    return clock_mono_ns() + ms * MASTER_MS;
}

/* ---- starting --------------------------------------------------------------------------------- */

static pid_t start_program(struct master *master, int ends[2])
{
    struct program_start start = {.arguments = master->arguments,
                                  .environment = master->words_of_proxy,
                                  .bells = &master->bells};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    start.channel = ends[1];
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    pid_t pid = program_start(&master->proxy, &start);
    close(ends[1]);
    if (pid < 0)
        close(ends[0]);
    return pid;
}

struct process *master_start_proxy(struct master *master, enum process_role role)
{
    int ends[2], gauges = keepsakes_new_gauges(&master->keepsakes);
    pid_t pid = gauges < 0 ? gauges : start_program(master, ends);
    if (pid < 0) {
        log_error("lb-proxy cannot be started: %s", strerror(-pid));
        return NULL;
    }
    struct process *process = processes_add(&master->processes, role, pid);
    if (!process) { /* cannot be: the table has room for all roles */
        close(ends[0]);
        kill(pid, SIGKILL);
        return NULL;
    }
    master->history.start_count++;
    process->channel = ends[0];
    process->gauges = fcntl(gauges, F_DUPFD_CLOEXEC, 0);
    return process;
}

static void start_serving(struct master *master)
{
    master->restart_at_ns = 0;
    if (!master_start_proxy(master, PROCESS_SERVING))
        master->restart_at_ns = master_in_ms(CUT_MS);
}

static void take_place(struct master *master, const struct process *process)
{
    if (!process->has_place)
        return;
    master->place = process->place;
    log_change((enum log_level)master->place.log_level, (enum log_format)master->place.log_format);
    prctl(PR_SET_DUMPABLE, master->place.is_dumpable != 0, 0, 0, 0);
}

void master_let_serve(struct master *master, struct process *process)
{
    struct channel_message message = {.kind = CHANNEL_SERVE};
    int plan = process->plan;
    process->role = PROCESS_SERVING;
    process->plan = -1;
    master->has_served = true;
    take_place(master, process);
    store_sweep(&master->store, process->number, process->is_ready);
    dialogue_say(process, &message, NULL, 0);
    discovery_follow(master, plan);
}

/* ---- ends ------------------------------------------------------------------------------------- */

static void end_with(struct master *master, int status)
{
    master->is_over = true;
    master->exit_status = crashes_exit_status(status);
}

/* Some crash early; the first of several starts again at once. */
static void start_again(struct master *master, const struct process *process, int status)
{
    char how[CRASHES_TEXT_BYTES], span[CRASHES_TEXT_BYTES];
    bool loop_begins;
    struct crashes_case one = {.status = status,
                               .lived_ns = clock_mono_ns() - process->started_ns,
                               .wall_ns = clock_wall_ns(),
                               .lost_count = keepsakes_sum(process->gauges)};
    unsigned pause_ms = crashes_count(&master->history, &one, &loop_begins);
    log_error("lb-proxy %d ended by %s after %s; it is started again; %" PRIu64
              " requests that ran are lost",
              (int)process->pid, crashes_describe(status, how), crashes_span(one.lived_ns, span),
              one.lost_count);
    if (loop_begins)
        log_error("lb-proxy ends again and again soon after its start; /readyz says so until one "
                  "has lived a minute. What it wrote before says more.");
    master->restart_at_ns = master_in_ms(pause_ms);
}

static void proxy_has_ended(struct master *master, struct process *process, int status)
{
    bool is_serving = process->role == PROCESS_SERVING;
    if (is_serving && (master->is_ending || !master->has_served)) {
        if (!master->is_ending)
            end_with(master, status);
        master->exit_status = crashes_exit_status(status);
    } else if (is_serving) {
        start_again(master, process, status);
    }
    processes_remove(process);
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
    enum process_role role = process->role;
    processes_remove(process);
    if (role == PROCESS_DISCOVERY)
        discovery_has_ended(master, status);
}

static void reap(struct master *master)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        reap_one(master, pid, status);
}

/* ---- signals ---------------------------------------------------------------------------------- */

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

static void begin_to_end(struct master *master)
{
    master->is_ending = true;
    if (master->restart_at_ns != 0) { /* nothing serves */
        master->restart_at_ns = 0;
        master->exit_status = 0;
    }
}

static void on_reload(struct master *master, const struct bells_ring *ring)
{
    struct process *process = processes_of_role(&master->processes, PROCESS_SERVING);
    if (process && process->stage == PROCESS_SEALED)
        processes_kill(process, ring->number);
    else
        log_warn("SIGHUP came too early: no lb-proxy serves yet");
}

static void on_ring(struct master *master, const struct bells_ring *ring)
{
    switch (ring->number) {
    case SIGCHLD:
        reap(master);
        break;
    case SIGHUP:
        on_reload(master, ring);
        break;
    case SIGUSR1:
        forward(master, ring);
        break;
    case SIGUSR2:
        break;
    default:
        begin_to_end(master);
        forward(master, ring);
        break;
    }
}

/* ---- the loop --------------------------------------------------------------------------------- */

static uint64_t earlier(uint64_t one, uint64_t other)
{
    if (one == 0 || other == 0)
        return one + other;
    return one < other ? one : other;
}

static uint64_t next_due_ns(const struct master *master)
{
    uint64_t due_ns = earlier(master->restart_at_ns, master->discovery.restart_at_ns);
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        due_ns = earlier(due_ns, master->processes.list[i].due_ns);
    return due_ns;
}

static int wait_ms(const struct master *master)
{
    uint64_t due_ns = next_due_ns(master), now_ns = clock_mono_ns();
    if (due_ns == 0)
        return -1;
    return due_ns <= now_ns ? 0 : (int)((due_ns - now_ns) / MASTER_MS) + 1;
}

static void cut(struct process *process)
{
    if (process->is_condemned || !processes_is_proxy(process)) {
        processes_kill(process, SIGKILL);
        process->due_ns = 0;
        return;
    }
    process->is_condemned = true;
    process->due_ns = master_in_ms(CUT_MS);
    processes_kill(process, SIGTERM);
    processes_kill(process, SIGTERM); /* the second time it waits for nothing */
}

static bool has_proxy(const struct master *master)
{
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        if (processes_is_proxy(&master->processes.list[i]))
            return true;
    return false;
}

static bool has_discovery(const struct master *master)
{
    return processes_count(&master->processes, PROCESS_DISCOVERY) +
               processes_count(&master->processes, PROCESS_DISCOVERY_LEAVING) >
           0;
}

static void tick(struct master *master)
{
    uint64_t now_ns = clock_mono_ns();
    for (unsigned i = 0; i < PROCESSES_MAX; i++) {
        struct process *process = &master->processes.list[i];
        if (process->role != PROCESS_NONE && process->due_ns != 0 && now_ns >= process->due_ns)
            cut(process);
    }
    if (master->restart_at_ns != 0 && now_ns >= master->restart_at_ns)
        start_serving(master);
    if (!master->is_ending)
        discovery_tick(master, now_ns);
    else if (!has_proxy(master))
        discovery_stop(master);
    if (master->is_ending && !has_proxy(master) && !has_discovery(master))
        master->is_over = true;
}

static void turn(struct master *master)
{
    struct pollfd wishes[1 + PROCESSES_MAX] = {{.fd = master->bells.fd, .events = POLLIN}};
    struct bells_ring ring;
    for (unsigned i = 0; i < PROCESSES_MAX; i++) {
        const struct process *process = &master->processes.list[i];
        wishes[1 + i] = (struct pollfd){
            .fd = process->role == PROCESS_NONE ? -1 : process->channel, .events = POLLIN};
    }
    if (poll(wishes, 1 + PROCESSES_MAX, wait_ms(master)) < 0)
        return;
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        if (wishes[1 + i].revents)
            dialogue_read(master, &master->processes.list[i]);
    while (!master->is_over && bells_next(&master->bells, &ring))
        on_ring(master, &ring);
    tick(master);
}

int master_run(struct master *master)
{
    start_serving(master);
    while (!master->is_over)
        turn(master);
    return master->exit_status;
}
