/* JSON to settings. */
#ifndef LB_CONFIG_CONFIG_JSON_H
#define LB_CONFIG_CONFIG_JSON_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config_layer.h"
#include "lb/config/config_table.h"

/* Reads an object with words of `table`; `name` is what messages call the file. Fails: false; a
 * message for each thing that is wrong is added to `faults`, with its line and column. */
bool config_json_parse(const struct config_table *table, const char *name, struct view bytes,
                       struct config_layer *layer, struct text *faults);

#endif
