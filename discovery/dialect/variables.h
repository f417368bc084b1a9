/* The environment of a container: an array of "NAME=value" as the engine has it, or, for many looks,
 * an object. Pure. */
#ifndef DISCOVERY_DIALECT_VARIABLES_H
#define DISCOVERY_DIALECT_VARIABLES_H

#include <jansson.h>

/* The value, "" when there is none: of several the last one counts, as for the program itself.
 * Borrowed. `environment` may be NULL or of any type. */
const char *variables_find(const json_t *environment, const char *name);

/* The object of an array, or of anything else. Gives. */
json_t *variables_index(const json_t *environment);

#endif
