/* `lb explain` and `lb ctl`: the admin listener from the command line. */
#ifndef LB_ADMIN_CTL_H
#define LB_ADMIN_CTL_H

#include "lb/config/config.h"

/* Asks what config->words say and prints the answer. Gives the exit status: 0 done, 1 refused or
 * nobody answered (said on standard error), 2 no such order. */
int ctl_run(const struct config *config, enum config_action action);

/* Prints what lb explain, or lb ctl, takes (CONFIG_EXPLAIN_HELP, CONFIG_CTL_HELP). */
void ctl_print_help(enum config_action action);

#endif
