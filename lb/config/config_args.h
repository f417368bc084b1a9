/* The command line as a layer. */
#ifndef LB_CONFIG_CONFIG_ARGS_H
#define LB_CONFIG_CONFIG_ARGS_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config.h"
#include "lb/config/config_layer.h"

/* Reads "--flag value" and "--flag=value"; the last of two equal flags wins, except lists. Stops
 * at --help and --version, so that they work whatever stands around them. Other words are taken
 * behind "explain" and "ctl" only, as `words`. Borrows argv. Fails: false and a problem. */
bool config_args_read(int argc, char *const *argv, struct config_layer *layer,
                      enum config_action *action, struct config_words *words, struct text *problem);

#endif
