#include "lb/master/attendant.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/contract/report.h"
#include "lb/master/crashes.h"
#include "lb/master/environment.h"
#include "lb/master/master_state.h"
#include "lb/master/plan.h"
#include "lb/master/privilege.h"

#define SOUND_NS (10 * 1000000000ull) /* one that has lived so long has begun well */

static struct helper *helper_of(struct master *master, const struct attendant *which)
{
    return (struct helper *)((char *)master + which->helper_at);
}

static struct process *child(struct master *master, const struct attendant *which)
{
    return processes_of_role(&master->processes, which->role);
}

/* ---- starting --------------------------------------------------------------------------------- */

static bool wants_outbox(const struct master *master, const struct attendant *which)
{
    return which->tells && plan_takes_lines(master->reporter.plan);
}

/* What is added to the environment of its plan. */
static char **make_words(const struct master *master, const struct attendant *which,
                         const struct helper *helper)
{
    static char outbox[] = REPORT_ENVIRONMENT "=5";
    _Static_assert(ATTENDANT_OUTBOX_FD == 5, "its place in the list");
    size_t room = environment_count(master->environment) + ENVIRONMENT_ADDED_MAX, count = 0;
    char **words = memory_new(room * sizeof(char *));
    if (which->consul && plan_has_argument(helper->plan, which->consul))
        count = environment_of_consul(master->environment, words, room - 1);
    if (helper->has_outbox)
        words[count++] = outbox;
    words[count] = NULL;
    return words;
}

static pid_t start(struct master *master, const struct attendant *which)
{
    const struct keepsakes *keepsakes = &master->keepsakes;
    struct helper *helper = helper_of(master, which);
    helper->has_outbox = wants_outbox(master, which);
    char **words = make_words(master, which, helper);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    const struct helper_start how = {
        .fds = {nothing, nothing, -1, keepsakes->others[which->reads],
                keepsakes->others[which->writes],
                helper->has_outbox ? keepsakes->fds[CHANNEL_OUTBOX] : -1},
        .become = privilege_become_proxy,
        .place = &master->place,
        .words = words,
        .bells = &master->bells};
    pid_t pid = helper_start(helper, &how);
    free(words);
    if (nothing >= 0)
        close(nothing);
    return pid;
}

static void start_now(struct master *master, const struct attendant *which)
{
    if (which->prepare)
        which->prepare(master);
    pid_t pid = start(master, which);
    if (pid < 0) {
        log_error("%s cannot be started: %s; %s. It belongs beside lb.", which->name,
                  strerror(-pid), which->meanwhile);
        helper_start_later(helper_of(master, which), &master->rng);
        return;
    }
    log_info("%s %d %s", which->name, (int)pid, which->does);
    if (!processes_add(&master->processes, which->role, pid))
        kill(pid, SIGKILL);
}

static void start_afresh(struct master *master, const struct attendant *which)
{
    struct helper *helper = helper_of(master, which);
    helper->failures_in_a_row = 0;
    helper->restart_at_ns = 0;
    if (helper->plan >= 0)
        start_now(master, which);
}

/* ---- following -------------------------------------------------------------------------------- */

void attendant_follow(struct master *master, const struct attendant *which, int plan)
{
    struct helper *helper = helper_of(master, which);
    bool is_same = plan_is_same(helper->plan, plan);
    helper_take_plan(helper, plan);
    if (!child(master, which))
        start_afresh(master, which);
    else if (!is_same || helper->has_outbox != wants_outbox(master, which))
        attendant_replace(master, which);
}

void attendant_replace(struct master *master, const struct attendant *which)
{
    struct process *process = child(master, which);
    if (!process)
        return;
    helper_of(master, which)->is_replaced = true;
    helper_tell_to_end(process, which->leave_ms);
}

void attendant_has_ended(struct master *master, const struct attendant *which,
                         const struct process *one, int status)
{
    struct helper *helper = helper_of(master, which);
    char how[CRASHES_TEXT_BYTES], span[CRASHES_TEXT_BYTES];
    uint64_t lived_ns = clock_mono_ns() - one->started_ns;
    if (helper->is_replaced) {
        helper->is_replaced = false;
        start_afresh(master, which);
        return;
    }
    if (helper->plan < 0)
        return;
    log_warn("%s %d ended by %s after %s; it is started again, and %s", which->name, (int)one->pid,
             crashes_describe(status, how), crashes_span(lived_ns, span), which->meanwhile);
    if (lived_ns >= SOUND_NS)
        helper->failures_in_a_row = 0;
    helper_start_later(helper, &master->rng);
}

void attendant_tick(struct master *master, const struct attendant *which, uint64_t now_ns)
{
    const struct helper *helper = helper_of(master, which);
    if (helper->restart_at_ns != 0 && now_ns >= helper->restart_at_ns)
        start_now(master, which);
}

bool attendant_stop(struct master *master, const struct attendant *which)
{
    struct helper *helper = helper_of(master, which);
    struct process *process = child(master, which);
    helper->is_replaced = false;
    helper->restart_at_ns = 0;
    helper_take_plan(helper, -1);
    if (process)
        helper_tell_to_end(process, which->leave_ms);
    return !process;
}
