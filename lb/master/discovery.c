#include "lb/master/discovery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/contract/report.h"
#include "lb/master/environment.h"
#include "lb/master/master_state.h"
#include "lb/master/plan.h"
#include "lb/master/privilege.h"
#include "lb/master/speech.h"

#define LEAVE_MS    3000u                   /* after SIGTERM, until SIGKILL */
#define OUTBOX_WORD REPORT_ENVIRONMENT "=3" /* where the list of descriptors has it */

void discovery_init(struct discovery *discovery)
{
    *discovery = (struct discovery){.pipe = -1};
    helper_init(&discovery->helper);
}

/* Who reads what it tells. */
static struct process *reader(struct master *master)
{
    struct process *process = processes_of_role(
        &master->processes, master->discovery.is_early ? PROCESS_COMING : PROCESS_SERVING);
    return process && process->stage == PROCESS_SEALED ? process : NULL;
}

static void pass_on(struct master *master, bool is_in_the_middle)
{
    struct process *process = reader(master);
    struct channel_message message = {.kind = CHANNEL_LINE,
                                      .status = is_in_the_middle,
                                      .value = master->discovery.helper.start_count};
    if (process && master->discovery.pipe >= 0)
        speech_say(process, &message, &master->discovery.pipe, 1);
}

/* ---- starting --------------------------------------------------------------------------------- */

/* Whether there is a program that delivers what it says on standard error. */
static bool has_outbox(struct master *master)
{
    const struct process *process = reader(master);
    if (master->discovery.is_early && process)
        return plan_takes_lines(process->plans[CHANNEL_REPORTER]);
    return plan_takes_lines(master->reporter.plan);
}

/* Of the master's environment what is lb-discovery's alone, and where it finds the outbox. */
static char **make_words(struct master *master)
{
    static char outbox[] = OUTBOX_WORD;
    size_t room = environment_count(master->environment) + ENVIRONMENT_ADDED_MAX;
    char **words = memory_new(room * sizeof(char *));
    size_t count = environment_of_discovery(master->environment, words, room - 1);
    if (master->discovery.helper.has_outbox)
        words[count++] = outbox;
    words[count] = NULL;
    return words;
}

static pid_t start_child(struct master *master, int output)
{
    const struct process *process = reader(master);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int outbox = master->discovery.helper.has_outbox ? master->keepsakes.fds[CHANNEL_OUTBOX] : -1;
    char **words = make_words(master);
    const struct helper_start how = {.fds = {nothing, output, -1, outbox, -1, -1},
                                     .become = privilege_become_discovery,
                                     .place = process && process->has_place ? &process->place
                                                                            : &master->place,
                                     .words = words,
                                     .bells = &master->bells};
    pid_t pid = helper_start(&master->discovery.helper, &how);
    free(words);
    if (nothing >= 0)
        close(nothing);
    return pid;
}

static int start(struct master *master)
{
    int ends[2];
    master->discovery.helper.has_outbox = has_outbox(master);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t pid = start_child(master, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return pid;
    }
    master->discovery.pipe = ends[0];
    if (!processes_add(&master->processes, PROCESS_DISCOVERY, pid))
        kill(pid, SIGKILL);
    return 0;
}

static void start_now(struct master *master)
{
    struct process *process = reader(master);
    int rc = start(master);
    if (rc == 0) {
        pass_on(master, false);
        return;
    }
    struct channel_message message = {.kind = CHANNEL_DISCOVERY_FAILED, .status = rc};
    if (process)
        speech_mention(process, &message);
    helper_start_later(&master->discovery.helper, &master->rng);
}

/* ---- following -------------------------------------------------------------------------------- */

static void forget_pipe(struct master *master)
{
    if (master->discovery.pipe >= 0)
        close(master->discovery.pipe);
    master->discovery.pipe = -1;
}

static void go_on_or_start(struct master *master, bool is_same)
{
    struct process *child = processes_of_role(&master->processes, PROCESS_DISCOVERY);
    if (!child) {
        master->discovery.helper.failures_in_a_row = 0;
        if (master->discovery.helper.plan >= 0)
            start_now(master);
    } else if (is_same) {
        pass_on(master, true);
        processes_kill(child, SIGUSR1); /* to begin anew */
    } else {
        discovery_replace(master);
    }
}

void discovery_begin_early(struct master *master, const struct process *process)
{
    if (master->discovery.helper.plan >= 0 || process->plans[CHANNEL_DISCOVERY] < 0 ||
        processes_of_role(&master->processes, PROCESS_DISCOVERY))
        return;
    helper_take_plan(&master->discovery.helper,
                     fcntl(process->plans[CHANNEL_DISCOVERY], F_DUPFD_CLOEXEC, 0));
    master->discovery.is_early = true;
    master->discovery.helper.failures_in_a_row = 0;
    if (master->discovery.helper.plan >= 0)
        start_now(master);
}

void discovery_end_early(struct master *master)
{
    if (!master->discovery.is_early)
        return;
    master->discovery.is_early = false;
    master->discovery.helper.restart_at_ns = 0;
    helper_take_plan(&master->discovery.helper, -1);
    discovery_replace(master);
}

void discovery_follow(struct master *master, int plan)
{
    bool is_same = plan_is_same(master->discovery.helper.plan, plan);
    helper_take_plan(&master->discovery.helper, plan);
    master->discovery.is_early = false;
    is_same = is_same && master->discovery.helper.has_outbox == has_outbox(master);
    go_on_or_start(master, is_same && !master->discovery.helper.is_replaced);
}

void discovery_replace(struct master *master)
{
    struct process *child = processes_of_role(&master->processes, PROCESS_DISCOVERY);
    if (!child)
        return;
    master->discovery.helper.is_replaced = true;
    helper_tell_to_end(child, LEAVE_MS);
}

void discovery_has_ended(struct master *master, int status)
{
    struct process *process = reader(master);
    struct channel_message message = {.kind = CHANNEL_DISCOVERY_ENDED,
                                      .status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                                      .value =
                                          WIFSIGNALED(status) ? (uint64_t)WTERMSIG(status) : 0};
    forget_pipe(master);
    if (master->is_ending)
        return;
    if (master->discovery.helper.is_replaced) {
        master->discovery.helper.failures_in_a_row = 0;
        if (master->discovery.helper.plan >= 0)
            start_now(master);
        master->discovery.helper.is_replaced = false;
        return;
    }
    if (process)
        speech_mention(process, &message);
    if (master->discovery.helper.plan >= 0)
        helper_start_later(&master->discovery.helper, &master->rng);
}

void discovery_tick(struct master *master, uint64_t now_ns)
{
    if (master->discovery.helper.restart_at_ns != 0 &&
        now_ns >= master->discovery.helper.restart_at_ns)
        start_now(master);
}

void discovery_is_sound(struct master *master)
{
    master->discovery.helper.failures_in_a_row = 0;
}

void discovery_is_hung(struct master *master, const char *why)
{
    struct process *child = processes_of_role(&master->processes, PROCESS_DISCOVERY);
    if (!child)
        return;
    log_warn("lb-discovery %d is being ended: %.*s", (int)child->pid,
             (int)strnlen(why, CHANNEL_TEXT_BYTES), why);
    processes_kill(child, SIGKILL);
}

void discovery_stop(struct master *master)
{
    struct process *child = processes_of_role(&master->processes, PROCESS_DISCOVERY);
    master->discovery.helper.restart_at_ns = 0;
    if (child)
        helper_tell_to_end(child, LEAVE_MS);
}
