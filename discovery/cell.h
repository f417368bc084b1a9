/* lb-discovery's jail: before it reads the first label it gives up all that it needs no more. The files and
 * folders that its settings name are left to it, and those of the system's authorities. */
#ifndef DISCOVERY_CELL_H
#define DISCOVERY_CELL_H

#include <stdbool.h>

#include "discovery/option_set.h"
#include "lb/base/text.h"

/* To be called once, after libcurl was set up and before a source is opened. `told` gets what holds, as lb/jail
 * has it. Fails: false, and `told` is a sentence with what to do. Thread: the only one. */
bool cell_enter(const struct options *options, struct text *told);

#endif
