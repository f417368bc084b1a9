/* lb-acme as the configuration wants it. */
#ifndef LB_FOLLOW_ACME_PLAN_H
#define LB_FOLLOW_ACME_PLAN_H

#include "lb/config/config.h"
#include "lb/follow/helper_plan.h"

/* Whether lb gets certificates by itself. */
bool acme_plan_is_wanted(const struct config *config);

/* How it is to be started. Borrows; gives the plan, to be freed with helper_plan_fini: an empty one where it is not wanted. */
void acme_plan_describe(const struct config *config, struct helper_plan *out);

#endif
