#include "lb/master/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/master/plan.h"
#include "lb/master/privilege.h"
#include "lb/master/processes.h"

#define BACKOFF_FIRST_MS 100u
#define BACKOFF_LAST_MS  5000u
#define NS_PER_MS        1000000u

static uint64_t in_ms(uint64_t ms)
{
    return clock_mono_ns() + ms * NS_PER_MS;
}

void helper_init(struct helper *helper)
{
    *helper = (struct helper){.plan = -1};
}

void helper_take_plan(struct helper *helper, int plan)
{
    if (helper->plan >= 0)
        close(helper->plan);
    helper->plan = plan;
}

/* ---- in the child ----------------------------------------------------------------------------- */

static int move_up(int fd)
{
    int higher = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, (int)HELPER_FDS);
    return higher < 0 ? fd : higher;
}

/* Out of the way of each other first. */
static void place_descriptors(const struct helper_start *start)
{
    int fds[HELPER_FDS];
    for (unsigned i = 0; i < HELPER_FDS; i++)
        fds[i] = move_up(start->fds[i]);
    for (unsigned i = 0; i < HELPER_FDS; i++)
        if (fds[i] >= 0)
            dup2(fds[i], (int)i);
}

/* By default it would end a program that is not ready for it yet: it waits until that is. */
static void hold_begin_anew(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void become(const struct helper *helper, const struct helper_start *start, int report)
{
    int plan = move_up(helper->plan);
    report = move_up(report);
    setsid();
    place_descriptors(start);
    int rc = start->become(start->place);
    privilege_leave_reading();
    if (rc == 0) {
        bells_restore(start->bells);
        hold_begin_anew();
        rc = plan_execute(plan, start->words);
    }
    int error = -rc;
    ssize_t ignored = write(report, &error, sizeof(error));
    (void)ignored;
    _exit(127);
}

/* ---- starting --------------------------------------------------------------------------------- */

/* What the child says of itself before it is the other program: nothing, or what went wrong. */
static int await(int report)
{
    int error = 0;
    ssize_t got;
    do
        got = read(report, &error, sizeof(error));
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(error) ? -error : 0;
}

static pid_t start_child(const struct helper *helper, const struct helper_start *start,
                         const int report[2])
{
    pid_t pid = fork();
    if (pid == 0)
        become(helper, start, report[1]);
    int rc = pid < 0 ? -errno : 0;
    close(report[1]);
    if (rc == 0)
        rc = await(report[0]);
    close(report[0]);
    if (rc < 0 && pid > 0)
        waitpid(pid, NULL, 0);
    return rc < 0 ? rc : pid;
}

pid_t helper_start(struct helper *helper, const struct helper_start *start)
{
    int report[2];
    helper->restart_at_ns = 0;
    helper->is_replaced = false;
    helper->start_count++;
    return pipe2(report, O_CLOEXEC) < 0 ? -errno : start_child(helper, start, report);
}

void helper_start_later(struct helper *helper, struct rng *rng)
{
    unsigned shift = helper->failures_in_a_row < 6 ? helper->failures_in_a_row : 6;
    unsigned pause_ms = BACKOFF_FIRST_MS << shift;
    if (pause_ms > BACKOFF_LAST_MS)
        pause_ms = BACKOFF_LAST_MS;
    pause_ms = pause_ms / 2 + (unsigned)(rng_next(rng) % (pause_ms / 2 + 1));
    helper->failures_in_a_row++;
    helper->restart_at_ns = in_ms(pause_ms);
}

/* ---- ending ----------------------------------------------------------------------------------- */

void helper_tell_to_end(struct process *process, unsigned leave_ms)
{
    if (process->is_condemned)
        return;
    processes_kill(process, SIGTERM);
    processes_kill(process, SIGCONT); /* a stopped process heeds no SIGTERM */
    process->is_condemned = true;
    if (process->due_ns == 0)
        process->due_ns = in_ms(leave_ms);
}
