/* What --print-schema prints: the settings of a file as JSON Schema, made from the table. */
#ifndef LB_CONFIG_CONFIG_SCHEMA_H
#define LB_CONFIG_CONFIG_SCHEMA_H

#include "lb/base/text.h"

/* Appends a JSON Schema (2020-12) for the files that --config reads. What --check accepts it
 * accepts; it does not know what needs a look at the system or at two values at once: whether a
 * file is there, an address is given twice, a range has bits after its length. Thread: any. */
void config_schema_print(struct text *out);

#endif
