#include "lb/master/serving.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/master/acme.h"
#include "lb/master/activation.h"
#include "lb/master/attendant.h"
#include "lb/master/discovery.h"
#include "lb/master/guest.h"
#include "lb/master/master_state.h"
#include "lb/master/notify.h"
#include "lb/master/reporter.h"
#include "lb/master/speech.h"

#define PAUSE_MS 5000u /* where no process can be started at all */

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

struct process *serving_start_proxy(struct master *master, enum process_role role,
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

void serving_start(struct master *master)
{
    master->restart_at_ns = 0;
    if (notify_watchdog_ms() > 0)
        notify_watchdog(); /* one that comes gives no sign yet */
    if (!serving_start_proxy(master, PROCESS_SERVING, &master->proxy))
        master->restart_at_ns = master_in_ms(PAUSE_MS);
}

void serving_heed(const struct channel_place *place)
{
    log_change((enum log_level)place->log_level, (enum log_format)place->log_format);
    prctl(PR_SET_DUMPABLE, place->is_dumpable != 0, 0, 0, 0);
}

static void take_place(struct master *master, const struct process *process)
{
    if (!process->has_place)
        return;
    master->place = process->place;
    serving_heed(&master->place);
}

/* Who comes next may ask for what is here. */
static void open_door(struct master *master)
{
    int rc = door_open(&master->handover.door, master->place.handover_path);
    if (rc < 0)
        log_warn("--handover: nobody can take over by %s: %s; let user %u make a socket there, and "
                 "say lb ctl upgrade",
                 master->place.handover_path, strerror(-rc), (unsigned)geteuid());
}

static int take_plan(struct process *process, enum channel_helper which)
{
    int plan = process->plans[which];
    process->plans[which] = -1;
    return plan;
}

void serving_let(struct master *master, struct process *process)
{
    struct channel_message message = {.kind = CHANNEL_SERVE};
    bool is_first = !master->has_served;
    process->role = PROCESS_SERVING;
    master->has_served = true;
    take_place(master, process);
    store_sweep(&master->store, process->number, process->is_ready);
    speech_say(process, &message, NULL, 0);
    reporter_follow(master, take_plan(process, CHANNEL_REPORTER));
    attendant_follow(master, &acme_attendant, take_plan(process, CHANNEL_ACME));
    discovery_follow(master, take_plan(process, CHANNEL_DISCOVERY));
    guest_follow(master);
    open_door(master);
    if (is_first)
        activation_tell_unwanted(&master->store);
    notify_ready();
}

void serving_begin_to_end(struct master *master)
{
    if (!master->is_ending)
        notify_stopping();
    master->is_ending = true;
    master->restart_at_ns = master->discovery.helper.restart_at_ns = 0;
}
