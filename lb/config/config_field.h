/* A setting's place in the tree: put a value in, take it out. */
#ifndef LB_CONFIG_CONFIG_FIELD_H
#define LB_CONFIG_CONFIG_FIELD_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config.h"
#include "lb/config/config_table.h"

/* Makes room for the values of a higher layer: empties lists, and for a source of backends forgets
 * every other source. */
void config_field_clear(struct config *config, const struct config_setting *setting);

/* Puts one value in; repeatable settings append. `text` NULL: the setting was named without a
 * value (only CONFIG_KIND_DOCKER). Borrows `text`. Fails: false and a problem. */
bool config_field_set(struct config *config, const struct config_setting *setting, const char *text,
                      struct text *problem);

/* How many values it has: 0 or 1, more for lists; 0 for sources not in use and for flag_only. */
unsigned config_field_count(const struct config *config, const struct config_setting *setting);

/* Appends value number `index` as config_field_set() takes it; nothing when it has no text. */
void config_field_format(const struct config *config, const struct config_setting *setting,
                         unsigned index, struct text *out);

#endif
