/* `lb explain`, `lb ctl` and `lb top`: the admin listener from the command line. */
#ifndef LB_CONSOLE_CTL_H
#define LB_CONSOLE_CTL_H

#include "lb/config/config.h"

/* Asks what config->words say and prints the answer. Gives the exit status: 0 done, 1 refused or
 * nobody answered (said on standard error), 2 no such order. */
int ctl_run(const struct config *config, enum config_action action);

/* Prints what lb explain, lb ctl or lb top takes (CONFIG_EXPLAIN_HELP, CONFIG_CTL_HELP, CONFIG_TOP_HELP). */
void ctl_print_help(enum config_action action);

#endif
