/* `lb top`: what /events tells as a table on the terminal, live; or once, as lines. */
#ifndef LB_CONSOLE_TOP_H
#define LB_CONSOLE_TOP_H

#include "lb/config/config.h"

/* Gives the exit status: 0 ended by `q` or Ctrl-C, or printed once; 1 nobody answers, said on standard error; 2 the
 * command line is wrong; 128 and more: a signal has ended it. */
int top_run(const struct config *config);

void top_print_help(void);

#endif
