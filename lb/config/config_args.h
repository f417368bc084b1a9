/* The command line as a layer. */
#ifndef LB_CONFIG_CONFIG_ARGS_H
#define LB_CONFIG_CONFIG_ARGS_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config.h"
#include "lb/config/config_layer.h"

/* Reads "--flag value" and "--flag=value"; the last of two equal flags wins, except lists. Stops
 * at an action that needs no settings, so that it works whatever stands around it. Other words are
 * taken behind "explain" and "ctl" only, as `words`, and behind "explain" flags of its own. Borrows argv. Fails: false, `faults` has them
 * all.
 */
bool config_args_read(int argc, char *const *argv, struct config_layer *layer,
                      enum config_action *action, struct config_words *words, struct text *faults);

/* Whether it needs the settings: --help (also of explain and ctl), --version and --print-schema do
 * not. */
bool config_args_needs_settings(enum config_action action);

#endif
