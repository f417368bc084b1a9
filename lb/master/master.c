#include "lb/master/master.h"

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/master/acme.h"
#include "lb/master/attendant.h"
#include "lb/master/crashes.h"
#include "lb/master/dialogue.h"
#include "lb/master/discovery.h"
#include "lb/master/endings.h"
#include "lb/master/guest.h"
#include "lb/master/handover.h"
#include "lb/master/master_state.h"
#include "lb/master/orders.h"
#include "lb/master/peer.h"
#include "lb/master/reporter.h"
#include "lb/master/serving.h"
#include "lb/master/speech.h"
#include "lb/master/succession.h"
#include "lb/master/upgrade.h"

#define CUT_MS 5000u /* between SIGTERM and SIGKILL, for a proxy process that is to end */

static uint64_t earlier(uint64_t one, uint64_t other)
{
    if (one == 0 || other == 0)
        return one + other;
    return one < other ? one : other;
}

static uint64_t due_of(const struct process *process)
{
    return earlier(process->due_ns, process->full_until_ns);
}

static uint64_t next_due_ns(const struct master *master)
{
    uint64_t due_ns = earlier(master->restart_at_ns, master->discovery.helper.restart_at_ns);
    due_ns = earlier(due_ns, master->reporter.restart_at_ns);
    due_ns = earlier(due_ns, master->acme.restart_at_ns);
    due_ns = earlier(due_ns, master->succession.due_ns);
    due_ns = earlier(due_ns, master->handover.due_ns);
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        due_ns = earlier(due_ns, due_of(&master->processes.list[i]));
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
        if (process->full_until_ns != 0 && now_ns >= process->full_until_ns)
            speech_end(process, "it takes no messages");
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

/* lb-report last, which delivers what the others have told. */
static void end_helpers(struct master *master)
{
    discovery_stop(master);
    bool is_acme_gone = attendant_stop(master, &acme_attendant);
    if (!has_discovery(master) && is_acme_gone)
        master->is_over = attendant_stop(master, &reporter_attendant);
}

static void tick(struct master *master)
{
    uint64_t now_ns = clock_mono_ns();
    tick_processes(master, now_ns);
    succession_tick(master, now_ns);
    handover_tick(master, now_ns);
    look_for_calm(master, now_ns);
    if (master->restart_at_ns != 0 && now_ns >= master->restart_at_ns)
        serving_start(master);
    if (!master->is_ending)
        discovery_tick(master, now_ns);
    attendant_tick(master, &acme_attendant, now_ns);
    attendant_tick(master, &reporter_attendant, now_ns);
    if (master->is_ending && !has_proxy(master))
        end_helpers(master);
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
        wishes[WISH_COUNT + i] =
            (struct pollfd){.fd = process->role == PROCESS_NONE ? -1 : process->channel,
                            .events = process->full_until_ns > 0 ? POLLOUT : POLLIN};
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
    if (master->is_next_due)
        upgrade_finish(master);
}

void master_init(struct master *master)
{
    processes_init(&master->processes);
    keepsakes_init(&master->keepsakes);
    discovery_init(&master->discovery);
    helper_init(&master->reporter);
    helper_init(&master->acme);
    guest_init(&master->guest);
    succession_init(&master->succession);
    peer_init(&master->handover);
    master->proxy.fd = master->bells.fd = -1;
    rng_init(&master->rng);
}

int master_run(struct master *master, bool goes_on)
{
    if (goes_on) {
        serving_heed(&master->place);
        reporter_resume(master);
        endings_reap(master);
    } else {
        serving_start(master);
    }
    while (!master->is_over)
        turn(master);
    door_close(&master->guest.door, 0);
    door_close(&master->handover.door, 0);
    return master->exit_status;
}
