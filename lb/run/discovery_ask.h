/* Asks lb-discovery something that it answers at once, by starting it: what it says on its standard error. Thread: any,
 * which waits. */
#ifndef LB_RUN_DISCOVERY_ASK_H
#define LB_RUN_DISCOVERY_ASK_H

#include "lb/base/text.h"

/* What it gives back for what it refuses, with a sentence. */
#define DISCOVERY_ASK_REFUSED 2

/* Gives its exit status; -1: there is none, as it is not there or did not end in time. Appends to `said`. */
int discovery_ask(const char *program, char *const argv[], struct text *said);

#endif
