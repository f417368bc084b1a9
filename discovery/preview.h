/* Whether what lb-discovery is to follow can be followed, as far as that is seen from here without asking anybody: for
 * lb-discovery --check, which lb --check asks. */
#ifndef DISCOVERY_PREVIEW_H
#define DISCOVERY_PREVIEW_H

#include "discovery/option_set.h"
#include "lb/base/text.h"

/* Appends a line for each source that cannot be followed now: the engine's socket, the file, the file of Consul's token. An
 * engine that is not there at its usual place is none: it may come later. */
void preview_append(const struct options *options, struct text *faults);

#endif
