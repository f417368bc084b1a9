/* lb-report as the configuration wants it. */
#ifndef LB_FOLLOW_REPORT_PLAN_H
#define LB_FOLLOW_REPORT_PLAN_H

#include "lb/config/config.h"
#include "lb/follow/helper_plan.h"

/* Whether there is anything to deliver. */
bool report_plan_is_wanted(const struct config *config);

/* How it is to be started, as that `release` of lb. The DSN stands in its environment alone. Borrows; gives the plan, to be
 * freed with helper_plan_fini: an empty one where it is not wanted. */
void report_plan_describe(const struct config *config, const char *release,
                          struct helper_plan *out);

#endif
