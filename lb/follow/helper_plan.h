/* What is the same for all programs that lb-proxy plans: where they are, and what of its environment they are given. */
#ifndef LB_FOLLOW_HELPER_PLAN_H
#define LB_FOLLOW_HELPER_PLAN_H

#include "lb/config/config.h"
#include "lb/follow/discovery_plan.h"

/* The one of that name beside this program, else the name alone. */
void helper_plan_find(const char *name, char program[CHILD_PATH_BYTES]);

/* Whether a word of the environment is one that each of them gets: what libraries and sanitizers want, and neither lb's own
 * secrets nor those of another one. */
bool helper_plan_passes_on(struct view entry);

/* As --jail has it. */
const char *helper_plan_jail_word(enum config_jail jail);

#endif
