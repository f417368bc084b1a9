/* Values in a tree: put one in, take it out. `values` is the struct that `table` describes, and
 * `setting` a row of it. Thread: any. */
#ifndef LB_CONFIG_CONFIG_FIELD_H
#define LB_CONFIG_CONFIG_FIELD_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config_table.h"

/* Makes room for the values of a higher layer: empties lists, and forgets all that `setting`
 * excludes. */
void config_field_clear(const struct config_table *table, void *values,
                        const struct config_setting *setting);

/* The same for one that another row of its choice stands beside, which stays. */
void config_field_join(const struct config_table *table, void *values,
                       const struct config_setting *setting);

/* Puts one value in; lists append. `text` NULL: the setting was named without a value. For objects
 * by name the value is a name, whose object is made, with the defaults of its table. Borrows
 * `text`. Fails: false and a problem. */
bool config_field_set(const struct config_table *table, void *values,
                      const struct config_setting *setting, const char *text, struct text *problem);

/* How many values it has: 0 or 1, more for lists; 0 for what was not chosen and for flag_only. */
unsigned config_field_count(const struct config_table *table, const void *values,
                            const struct config_setting *setting);

/* Value number `index` of it: a field of its kind or a struct of its table. Borrowed. */
const void *config_field_at(const struct config_table *table, const void *values,
                            const struct config_setting *setting, unsigned index);

/* Appends value number `index` as config_field_set() takes it; nothing when it has no text. */
void config_field_format(const struct config_table *table, const void *values,
                         const struct config_setting *setting, unsigned index, struct text *out);

/* The struct of the table that `setting` is, of objects by name the one with `name`. Borrowed;
 * NULL: there is none. */
void *config_field_object(const struct config_table *table, void *values,
                          const struct config_setting *setting, const char *name);

/* Puts all defaults into a zeroed struct. */
void config_field_init_all(const struct config_table *table, void *values);

/* Frees what the struct's fields own and empties them. */
void config_field_fini_all(const struct config_table *table, void *values);

#endif
