/* lb ctl upgrade: asks the running lb for it, and waits until it is known what became of it. */
#ifndef LB_ADMIN_UPGRADE_ORDER_H
#define LB_ADMIN_UPGRADE_ORDER_H

#include "lb/base/text.h"
#include "lb/config/config.h"

/* What /process tells, as far as it matters here. */
struct upgrade_order_view {
    long long pid, upgrades, failures, timeout_ms;
    char version[64], failure[1024];
};

enum upgrade_order_verdict { UPGRADE_ORDER_OPEN, UPGRADE_ORDER_DONE, UPGRADE_ORDER_FAILED };

/* Reads the answer. Fails: false, it is none; `view` is undefined then. */
bool upgrade_order_read(const struct text *body, struct upgrade_order_view *view);

/* What became of it, by what was told before and is told now. */
enum upgrade_order_verdict upgrade_order_judge(const struct upgrade_order_view *before,
                                               const struct upgrade_order_view *now);

/* Speaks on standard output, or on standard error. Gives the exit status: 0 when the other program serves. */
int upgrade_order_run(const struct config *config);

#endif
