/* Messages about settings that cannot be used: all of them, a line each, without a last newline. */
#ifndef LB_CONFIG_CONFIG_FAULTS_H
#define LB_CONFIG_CONFIG_FAULTS_H

#include <stdbool.h>

#include "lb/base/text.h"

/* Adds one message to `faults` and empties it. Gives false, for callers to return. */
bool config_faults_add(struct text *faults, struct text *message);

/* The next line of `*rest`, which is moved behind it; a view with NULL after the last. */
struct view config_faults_next(struct view *rest);

#endif
