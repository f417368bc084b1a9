/* The command line and the environment of lb-discovery. Pure. */
#ifndef DISCOVERY_OPTIONS_H
#define DISCOVERY_OPTIONS_H

#include <stdbool.h>

#include "discovery/option_set.h"
#include "lb/base/text.h"

/* Fails: false, and `problem` (emptied first) names the flag or variable, what is wrong with it and
 * what is accepted. */
bool options_parse(int argc, char *const argv[], const struct options_environment *environment,
                   struct options *out, struct text *problem);

/* What --help prints. */
const char *options_help(void);

#endif
