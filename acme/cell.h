/* lb-acme's jail: connections to outside, the authorities of the system, and its own folder. */
#ifndef ACME_CELL_H
#define ACME_CELL_H

#include <stdbool.h>

#include "acme/options.h"

/* To be called once, after libcurl was prepared and the folder made, before threads. `told` gets what holds, as lb/jail has it. Fails:
 * false, and `told` is a sentence with what to do. */
bool cell_enter(const struct options *options, struct text *told);

#endif
