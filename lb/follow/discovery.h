/* lb-discovery as the configuration wants it. */
#ifndef LB_FOLLOW_DISCOVERY_H
#define LB_FOLLOW_DISCOVERY_H

#include "lb/config/config.h"
#include "lb/follow/child.h"
#include "lb/follow/helper_plan.h"

/* What it is told of lb. */
struct discovery_places {
    const struct address *listen; /* where clients come in; NULL: nowhere */
    const struct address *admin;  /* where it can be asked whether lb is ready; NULL: nowhere */
    const char *service;          /* that requests go to which no route knows */
};

/* Which one it is: --discovery, else the one beside this program, else the one on PATH. */
void discovery_find_program(const struct config *config, char program[CHILD_PATH_BYTES]);

/* How it is to be started for the configured sources. Borrows; gives the plan, to be freed with helper_plan_fini. */
void discovery_describe(const struct config *config, const struct discovery_places *places,
                        struct helper_plan *out);

#endif
