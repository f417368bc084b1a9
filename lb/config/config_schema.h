/* What --print-schema prints: the settings of a file as JSON Schema, made from the table. */
#ifndef LB_CONFIG_CONFIG_SCHEMA_H
#define LB_CONFIG_CONFIG_SCHEMA_H

#include "lb/base/text.h"
#include "lb/config/config_table.h"

/* Appends a JSON Schema (2020-12) for the files that --config reads. What --check accepts it
 * accepts; it does not know what needs a look at the system or at two values at once: whether a
 * file is there, an address is given twice, a range has bits after its length. Thread: any. */
void config_schema_print(struct text *out);

/* The same of another table. */
void config_schema_print_table(const struct config_table *table, struct text *out);

#endif
