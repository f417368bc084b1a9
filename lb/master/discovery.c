#include "lb/master/discovery.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/master/crashes.h"
#include "lb/master/master_state.h"
#include "lb/master/plan.h"
#include "lb/master/privilege.h"
#include "lb/master/speech.h"

#define BACKOFF_FIRST_MS 100u
#define BACKOFF_LAST_MS  5000u
#define LEAVE_MS         3000u /* after SIGTERM, until SIGKILL */

void discovery_init(struct discovery *discovery)
{
    *discovery = (struct discovery){.plan = -1, .pipe = -1};
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
    struct channel_message message = {
        .kind = CHANNEL_LINE, .status = is_in_the_middle, .value = master->discovery.start_count};
    if (process && master->discovery.pipe >= 0)
        speech_say(process, &message, &master->discovery.pipe, 1);
}

/* ---- starting --------------------------------------------------------------------------------- */

static void fail(int report)
{
    int error = errno;
    ssize_t ignored = write(report, &error, sizeof(error));
    (void)ignored;
    _exit(127);
}

/* By default it would end a program that is not ready for it yet: it waits until that is. */
static void hold_begin_anew(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void become(struct master *master, int output, int report)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    setsid();
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    const struct process *process = reader(master);
    int rc = privilege_drop(process && process->has_place ? &process->place : &master->place);
    if (rc == 0) {
        bells_restore(&master->bells);
        hold_begin_anew();
        rc = plan_execute(master->discovery.plan, master->environment);
    }
    errno = -rc;
    fail(report);
}

/* What the child says of itself before it is the other program: nothing, or what went wrong. */
static int await(int report)
{
    int error = 0;
    ssize_t got;
    do
        got = read(report, &error, sizeof(error));
    while (got < 0 && errno == EINTR);
    close(report);
    return got == (ssize_t)sizeof(error) ? -error : 0;
}

static void close_both(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

static pid_t start_child(struct master *master, const int pipe_ends[2])
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0)
        return -errno;
    report[1] = program_move_up(report[1]);
    pid_t pid = fork();
    if (pid == 0)
        become(master, pipe_ends[1], report[1]);
    int rc = pid < 0 ? -errno : 0;
    close(report[1]);
    if (rc < 0) {
        close(report[0]);
        return rc;
    }
    rc = await(report[0]);
    if (rc < 0)
        waitpid(pid, NULL, 0);
    return rc < 0 ? rc : pid;
}

static int start(struct master *master)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    ends[1] = program_move_up(ends[1]);
    pid_t pid = start_child(master, ends);
    if (pid < 0) {
        close_both(ends);
        return pid;
    }
    close(ends[1]);
    master->discovery.pipe = ends[0];
    if (!processes_add(&master->processes, PROCESS_DISCOVERY, pid))
        kill(pid, SIGKILL);
    return 0;
}

static void start_later(struct master *master)
{
    struct discovery *discovery = &master->discovery;
    unsigned shift = discovery->failures_in_a_row < 6 ? discovery->failures_in_a_row : 6;
    unsigned pause_ms = BACKOFF_FIRST_MS << shift;
    if (pause_ms > BACKOFF_LAST_MS)
        pause_ms = BACKOFF_LAST_MS;
    pause_ms = pause_ms / 2 + (unsigned)(rng_next(&master->rng) % (pause_ms / 2 + 1));
    discovery->failures_in_a_row++;
    discovery->restart_at_ns = master_in_ms(pause_ms);
}

static void start_now(struct master *master)
{
    struct process *process = reader(master);
    master->discovery.restart_at_ns = 0;
    master->discovery.is_replaced = false;
    master->discovery.start_count++;
    int rc = start(master);
    if (rc == 0) {
        pass_on(master, false);
        return;
    }
    struct channel_message message = {.kind = CHANNEL_DISCOVERY_FAILED, .status = rc};
    if (process)
        speech_mention(process, &message);
    start_later(master);
}

/* ---- following -------------------------------------------------------------------------------- */

static void forget_pipe(struct master *master)
{
    if (master->discovery.pipe >= 0)
        close(master->discovery.pipe);
    master->discovery.pipe = -1;
}

static void tell_to_end(struct process *process)
{
    processes_kill(process, SIGTERM);
    processes_kill(process, SIGCONT); /* a stopped process heeds no SIGTERM */
    process->is_condemned = true;
    if (process->due_ns == 0)
        process->due_ns = master_in_ms(LEAVE_MS);
}

static void go_on_or_start(struct master *master, bool is_same)
{
    struct process *child = processes_of_role(&master->processes, PROCESS_DISCOVERY);
    if (!child) {
        master->discovery.failures_in_a_row = 0;
        if (master->discovery.plan >= 0)
            start_now(master);
    } else if (is_same) {
        pass_on(master, true);
        processes_kill(child, SIGUSR1); /* to begin anew */
    } else {
        master->discovery.is_replaced = true;
        tell_to_end(child);
    }
}

static void take_plan(struct master *master, int plan)
{
    if (master->discovery.plan >= 0)
        close(master->discovery.plan);
    master->discovery.plan = plan;
}

void discovery_begin_early(struct master *master, const struct process *process)
{
    if (master->discovery.plan >= 0 || process->plan < 0 ||
        processes_of_role(&master->processes, PROCESS_DISCOVERY))
        return;
    take_plan(master, fcntl(process->plan, F_DUPFD_CLOEXEC, 0));
    master->discovery.is_early = true;
    master->discovery.failures_in_a_row = 0;
    if (master->discovery.plan >= 0)
        start_now(master);
}

void discovery_end_early(struct master *master)
{
    struct process *child = processes_of_role(&master->processes, PROCESS_DISCOVERY);
    if (!master->discovery.is_early)
        return;
    master->discovery.is_early = false;
    master->discovery.restart_at_ns = 0;
    take_plan(master, -1);
    if (child) {
        master->discovery.is_replaced = true;
        tell_to_end(child);
    }
}

void discovery_follow(struct master *master, int plan)
{
    bool is_same = plan_is_same(master->discovery.plan, plan);
    take_plan(master, plan);
    master->discovery.is_early = false;
    go_on_or_start(master, is_same && !master->discovery.is_replaced);
}

void discovery_replace(struct master *master)
{
    struct process *child = processes_of_role(&master->processes, PROCESS_DISCOVERY);
    if (!child)
        return;
    master->discovery.is_replaced = true;
    tell_to_end(child);
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
    if (master->discovery.is_replaced) {
        master->discovery.failures_in_a_row = 0;
        if (master->discovery.plan >= 0)
            start_now(master);
        master->discovery.is_replaced = false;
        return;
    }
    if (process)
        speech_mention(process, &message);
    if (master->discovery.plan >= 0)
        start_later(master);
}

void discovery_tick(struct master *master, uint64_t now_ns)
{
    if (master->discovery.restart_at_ns != 0 && now_ns >= master->discovery.restart_at_ns)
        start_now(master);
}

void discovery_is_sound(struct master *master)
{
    master->discovery.failures_in_a_row = 0;
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
    master->discovery.restart_at_ns = 0;
    if (child && !child->is_condemned)
        tell_to_end(child);
}
