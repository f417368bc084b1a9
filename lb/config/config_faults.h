/* Messages about settings that cannot be used, a line each, without a last newline: all of them, up to
 * more than anybody reads. */
#ifndef LB_CONFIG_CONFIG_FAULTS_H
#define LB_CONFIG_CONFIG_FAULTS_H

#include <stdbool.h>

#include "lb/base/text.h"

#define CONFIG_FAULTS_MAX 32 /* then a line says that there may be more */

/* Adds one message to `faults`, unless it is the last one again, and empties it. Gives false, for
 * callers to return. */
bool config_faults_add(struct text *faults, struct text *message);

/* Whether no more are taken: to look further is idle. */
bool config_faults_is_full(const struct text *faults);

/* The next line of `*rest`, which is moved behind it; a view with NULL after the last. */
struct view config_faults_next(struct view *rest);

#endif
