#include "lb/master/master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/master/activation.h"
#include "lb/master/crashes.h"
#include "lb/master/dialogue.h"
#include "lb/master/endings.h"
#include "lb/master/notify.h"
#include "lb/master/orders.h"

#define CUT_MS 5000u /* between SIGTERM and SIGKILL, for a proxy process that is to end */

uint64_t master_in_ms(uint64_t ms)
{
    return clock_mono_ns() + ms * MASTER_MS;
}

/* ---- starting --------------------------------------------------------------------------------- */

static pid_t start_program(struct master *master, const struct program *program, int ends[2])
{
    struct program_start start = {.arguments = master->arguments,
                                  .environment = master->words_of_proxy,
                                  .bells = &master->bells};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    start.channel = ends[1];
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    pid_t pid = program_start(program, &start);
    close(ends[1]);
    if (pid < 0)
        close(ends[0]);
    return pid;
}

struct process *master_start_proxy(struct master *master, enum process_role role,
                                   const struct program *program)
{
    int ends[2], gauges = keepsakes_new_gauges(&master->keepsakes);
    pid_t pid = gauges < 0 ? gauges : start_program(master, program, ends);
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
    if (notify_watchdog_ms() > 0)
        notify_watchdog(); /* one that comes gives no sign yet */
    if (!master_start_proxy(master, PROCESS_SERVING, &master->proxy))
        master->restart_at_ns = master_in_ms(CUT_MS);
}

static void heed_place(const struct channel_place *place)
{
    log_change((enum log_level)place->log_level, (enum log_format)place->log_format);
    prctl(PR_SET_DUMPABLE, place->is_dumpable != 0, 0, 0, 0);
}

static void take_place(struct master *master, const struct process *process)
{
    if (!process->has_place)
        return;
    master->place = process->place;
    heed_place(&master->place);
}

void master_let_serve(struct master *master, struct process *process)
{
    struct channel_message message = {.kind = CHANNEL_SERVE};
    int plan = process->plan;
    bool is_first = !master->has_served;
    process->role = PROCESS_SERVING;
    process->plan = -1;
    master->has_served = true;
    take_place(master, process);
    store_sweep(&master->store, process->number, process->is_ready);
    dialogue_say(process, &message, NULL, 0);
    discovery_follow(master, plan);
    guest_follow(master);
    handover_listen(master);
    if (is_first)
        activation_tell_unwanted(&master->store);
    notify_ready();
}

/* ---- ending ----------------------------------------------------------------------------------- */

void master_begin_to_end(struct master *master)
{
    if (!master->is_ending)
        notify_stopping();
    master->is_ending = true;
    master->restart_at_ns = 0;
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
    due_ns = earlier(due_ns, master->succession.due_ns);
    due_ns = earlier(due_ns, master->handover.due_ns);
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

static void tick_processes(struct master *master, uint64_t now_ns)
{
    for (unsigned i = 0; i < PROCESSES_MAX; i++) {
        struct process *process = &master->processes.list[i];
        if (process->role != PROCESS_NONE && process->due_ns != 0 && now_ns >= process->due_ns)
            cut(process);
    }
}

/* Who is new in the calm. */
static void look_for_calm(struct master *master, uint64_t now_ns)
{
    const struct process *process = processes_of_role(&master->processes, PROCESS_SERVING);
    if (process && crashes_calm_down(&master->history, now_ns - process->started_ns))
        log_info("lb-proxy %d has lived a minute: it ends no more soon after its start",
                 (int)process->pid);
}

static void tick(struct master *master)
{
    uint64_t now_ns = clock_mono_ns();
    tick_processes(master, now_ns);
    succession_tick(master, now_ns);
    handover_tick(master, now_ns);
    look_for_calm(master, now_ns);
    if (master->restart_at_ns != 0 && now_ns >= master->restart_at_ns)
        start_serving(master);
    if (!master->is_ending)
        discovery_tick(master, now_ns);
    else if (!has_proxy(master))
        discovery_stop(master);
    if (master->is_ending && !has_proxy(master) && !has_discovery(master))
        master->is_over = true;
}

/* What there is to wait for besides the proxy processes. */
enum wish { WISH_BELLS, WISH_GUEST, WISH_DOOR, WISH_PEER, WISH_COUNT };

static void fill_wishes(const struct master *master, struct pollfd *wishes)
{
    const int fds[WISH_COUNT] = {[WISH_BELLS] = master->bells.fd,
                                 [WISH_GUEST] = master->guest.door.fd,
                                 [WISH_DOOR] = master->handover.door.fd,
                                 [WISH_PEER] = master->handover.peer};
    for (unsigned i = 0; i < WISH_COUNT; i++)
        wishes[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    for (unsigned i = 0; i < PROCESSES_MAX; i++) {
        const struct process *process = &master->processes.list[i];
        wishes[WISH_COUNT + i] = (struct pollfd){
            .fd = process->role == PROCESS_NONE ? -1 : process->channel, .events = POLLIN};
    }
}

static void turn(struct master *master)
{
    struct pollfd wishes[WISH_COUNT + PROCESSES_MAX];
    fill_wishes(master, wishes);
    if (poll(wishes, WISH_COUNT + PROCESSES_MAX, wait_ms(master)) < 0)
        return;
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        if (wishes[WISH_COUNT + i].revents)
            dialogue_read(master, &master->processes.list[i]);
    if (wishes[WISH_PEER].revents)
        handover_read(master);
    if (wishes[WISH_DOOR].revents)
        handover_answer_door(master);
    if (wishes[WISH_GUEST].revents)
        guest_answer_door(master);
    orders_obey(master);
    tick(master);
}

void master_init(struct master *master)
{
    processes_init(&master->processes);
    keepsakes_init(&master->keepsakes);
    discovery_init(&master->discovery);
    guest_init(&master->guest);
    succession_init(&master->succession);
    handover_init(&master->handover);
    master->proxy.fd = master->bells.fd = -1;
    rng_init(&master->rng);
}

int master_run(struct master *master, bool goes_on)
{
    if (goes_on) {
        heed_place(&master->place);
        endings_reap(master);
    } else {
        start_serving(master);
    }
    while (!master->is_over)
        turn(master);
    door_close(&master->guest.door, 0);
    door_close(&master->handover.door, 0);
    return master->exit_status;
}
