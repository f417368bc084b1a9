/* The file of services as a JSON Schema, for editors. Pure. */
#ifndef DISCOVERY_FILE_FILE_SCHEMA_H
#define DISCOVERY_FILE_FILE_SCHEMA_H

#include "lb/base/text.h"

/* Appends it, with a newline at its end. */
void file_schema_print(struct text *out);

#endif
