/* The settings in the manual: what the build puts into lb.8 and lb.json.5. Thread: any. */
#ifndef LB_CONFIG_CONFIG_MANUAL_H
#define LB_CONFIG_CONFIG_MANUAL_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config_table.h"

/* Appends `page`, in mdoc(7), with what the rows of `table` say in place of the lines
 *   @flags GROUP@   an item for each flag: listen, source, catalog, deadline, health, limit, other
 *   @keys@          a row with default and value for each key of the file.
 * Fails: false and a problem for a row without a text, for a line that is neither, and where one
 * group is there and another with rows is not. */
bool config_manual_fill(const struct config_table *table, struct view page, struct text *out,
                        struct text *problem);

#endif
