#include "lb/master/reporter.h"

#include <stddef.h>

#include "lb/base/log.h"
#include "lb/contract/report.h"
#include "lb/master/attendant.h"
#include "lb/master/master_state.h"
#include "lb/master/plan.h"

static void prepare(struct master *master)
{
    if (keepsakes_mend_outbox(&master->keepsakes))
        log_warn(
            "the socket by which lb-report is told was shut by one who tells; it is made anew, "
            "and what was started before is heard by it no more");
}

const struct attendant reporter_attendant = {
    .role = PROCESS_REPORTER,
    .helper_at = offsetof(struct master, reporter),
    .reads = CHANNEL_OUTBOX,
    .writes = CHANNEL_COUNTS,
    .leave_ms = 2500, /* it takes 2000 at the most */
    .name = "lb-report",
    .does = "delivers log lines and incidents",
    .meanwhile = "what it is told waits, and is lost when that is too much",
    .prepare = prepare,
};
_Static_assert(REPORT_INBOX_FD == 3 && REPORT_COUNTS_FD == 4, "as attendant.h has them");

bool reporter_is_wanted(const struct master *master)
{
    return master->reporter.plan >= 0;
}

/* The master's own lines, too. */
static void copy_log(const struct master *master, int plan)
{
    log_copy_to(plan_takes_lines(plan) ? master->keepsakes.fds[CHANNEL_OUTBOX] : -1);
}

void reporter_follow(struct master *master, int plan)
{
    copy_log(master, plan);
    attendant_follow(master, &reporter_attendant, plan);
}

void reporter_resume(struct master *master)
{
    copy_log(master, master->reporter.plan);
}
