/* From what was said on the command line, in the environment and in a file to one checked tree. */
#ifndef LB_CONFIG_CONFIG_LOAD_H
#define LB_CONFIG_CONFIG_LOAD_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Flags win over LB_* in `envp` (may be NULL), these over the file, the file over the defaults.
 * Borrows argv and envp. Gives `out` (config_fini) complete, and what --help, --check and the like
 * ask for; where that needs no settings `out` has the defaults, nothing else was read.
 * Fails: false; `faults` has a line for each thing that is wrong (config_faults.h), and `out` what
 * is right, for looking further only. */
bool config_load(int argc, char **argv, char *const *envp, struct config *out,
                 enum config_action *action, struct text *faults);

#endif
