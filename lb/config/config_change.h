/* Whether a running lb can go from one configuration to another. */
#ifndef LB_CONFIG_CONFIG_CHANGE_H
#define LB_CONFIG_CONFIG_CHANGE_H

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Fails: false; `problem` names the first setting that differs and cannot change without a
 * restart. Pure. Thread: any. */
bool config_change_check(const struct config *before, const struct config *after,
                         struct text *problem);

#endif
