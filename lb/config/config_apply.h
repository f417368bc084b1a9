/* A layer put into a tree. */
#ifndef LB_CONFIG_CONFIG_APPLY_H
#define LB_CONFIG_CONFIG_APPLY_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config_layer.h"
#include "lb/config/config_table.h"

/* Puts what `layer` says over what `values`, the struct of `table`, has from lower layers: lists
 * take the place of lists. Fails: false; a message for each thing that is wrong is added to
 * `faults`. */
bool config_apply(const struct config_layer *layer, const struct config_table *table, void *values,
                  struct text *faults);

#endif
