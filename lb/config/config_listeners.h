/* What settings of several listeners mean together. */
#ifndef LB_CONFIG_CONFIG_LISTENERS_H
#define LB_CONFIG_CONFIG_LISTENERS_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Whether nothing listens twice at one place, no connection is for two services, and containers cannot have
 * the port of the admin listener. Fails: false; a message for each thing that is wrong is added to `faults`.
 * Pure. Thread: any. */
bool config_listeners_check(const struct config *config, struct text *faults);

/* How many addresses --tcp and --udp name. Pure. Thread: any. */
unsigned config_listeners_count(const struct config *config);

#endif
