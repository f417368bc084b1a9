/* The main thread's business: workers, discovery, pools, probes, the admin listener, signals and
 * an orderly end. */
#ifndef LB_RUN_CONTROL_H
#define LB_RUN_CONTROL_H

#include "lb/config/config.h"

/* Runs lb until SIGTERM or SIGINT has been dealt with, or a successor serves and all that ran has ended. Takes what
 * `config` owns, and the channel to the master; borrows argv, from which SIGHUP reads the configuration again. Gives the
 * exit status: 0 after an orderly end, 1 when something could not be opened (said in the log). */
int control_run(struct config *config, int argc, char **argv, int master_fd);

#endif
