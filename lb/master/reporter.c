#include "lb/master/reporter.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/contract/report.h"
#include "lb/master/crashes.h"
#include "lb/master/master_state.h"
#include "lb/master/plan.h"
#include "lb/master/privilege.h"

#define LEAVE_MS 2500u                /* after SIGTERM, until SIGKILL: it takes 2000 at the most */
#define SOUND_NS (10 * 1000000000ull) /* one that has lived so long has begun well */

static struct process *child(struct master *master)
{
    return processes_of_role(&master->processes, PROCESS_REPORTER);
}

bool reporter_is_wanted(const struct master *master)
{
    return master->reporter.plan >= 0;
}

bool reporter_takes_lines(int plan)
{
    return plan_has_argument(plan, "--gelf");
}

/* ---- starting --------------------------------------------------------------------------------- */

static pid_t start(struct master *master)
{
    char *none[] = {NULL};
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    const struct helper_start how = {
        .fds = {nothing, nothing, -1, master->keepsakes.inbox, master->keepsakes.counts},
        .become = privilege_become_proxy,
        .place = &master->place,
        .words = none,
        .bells = &master->bells};
    _Static_assert(REPORT_INBOX_FD == 3 && REPORT_COUNTS_FD == 4, "their places in the list");
    pid_t pid = helper_start(&master->reporter, &how);
    if (nothing >= 0)
        close(nothing);
    return pid;
}

static void start_now(struct master *master)
{
    if (keepsakes_mend_outbox(&master->keepsakes))
        log_warn(
            "the socket by which lb-report is told was shut by one who tells; it is made anew, "
            "and what was started before is heard by it no more");
    pid_t pid = start(master);
    if (pid < 0) {
        log_error("lb-report cannot be started: %s; what it is to tell waits, and is lost when "
                  "that is too much. It belongs beside lb.",
                  strerror(-pid));
        helper_start_later(&master->reporter, &master->rng);
        return;
    }
    log_info("lb-report %d delivers log lines and incidents", (int)pid);
    if (!processes_add(&master->processes, PROCESS_REPORTER, pid))
        kill(pid, SIGKILL);
}

static void start_afresh(struct master *master)
{
    master->reporter.failures_in_a_row = 0;
    master->reporter.restart_at_ns = 0;
    if (reporter_is_wanted(master))
        start_now(master);
}

/* ---- following -------------------------------------------------------------------------------- */

/* The master's own lines, too. */
static void copy_log(const struct master *master)
{
    bool has_readers = reporter_takes_lines(master->reporter.plan);
    log_copy_to(has_readers ? master->keepsakes.fds[CHANNEL_OUTBOX] : -1);
}

void reporter_follow(struct master *master, int plan)
{
    bool is_same = plan_is_same(master->reporter.plan, plan);
    helper_take_plan(&master->reporter, plan);
    copy_log(master);
    if (!child(master))
        start_afresh(master);
    else if (!is_same)
        reporter_replace(master);
}

void reporter_replace(struct master *master)
{
    struct process *process = child(master);
    if (!process)
        return;
    master->reporter.is_replaced = true;
    helper_tell_to_end(process, LEAVE_MS);
}

void reporter_resume(struct master *master)
{
    copy_log(master);
}

void reporter_has_ended(struct master *master, const struct process *one, int status)
{
    char how[CRASHES_TEXT_BYTES], span[CRASHES_TEXT_BYTES];
    uint64_t lived_ns = clock_mono_ns() - one->started_ns;
    if (master->reporter.is_replaced) {
        master->reporter.is_replaced = false;
        start_afresh(master);
        return;
    }
    if (!reporter_is_wanted(master))
        return;
    log_warn("lb-report %d ended by %s after %s; it is started again, and what it is told waits",
             (int)one->pid, crashes_describe(status, how), crashes_span(lived_ns, span));
    if (lived_ns >= SOUND_NS)
        master->reporter.failures_in_a_row = 0;
    helper_start_later(&master->reporter, &master->rng);
}

void reporter_tick(struct master *master, uint64_t now_ns)
{
    if (master->reporter.restart_at_ns != 0 && now_ns >= master->reporter.restart_at_ns)
        start_now(master);
}

void reporter_stop(struct master *master)
{
    struct process *process = child(master);
    master->reporter.is_replaced = false;
    master->reporter.restart_at_ns = 0;
    helper_take_plan(&master->reporter, -1);
    if (process)
        helper_tell_to_end(process, LEAVE_MS);
}
