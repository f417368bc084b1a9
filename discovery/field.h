/* Single fields of JSON objects whose types nobody vouches for. */
#ifndef DISCOVERY_FIELD_H
#define DISCOVERY_FIELD_H

#include <jansson.h>
#include <stdbool.h>

/* The string under `key`, "" when there is none or it is no string. Borrowed from `object`;
 * `object` may be NULL or of any type. */
const char *field_str(const json_t *object, const char *key);

/* The boolean under `key`; anything else is false. */
bool field_bool(const json_t *object, const char *key);

/* The integer under `key`, else `otherwise`. */
json_int_t field_int(const json_t *object, const char *key, json_int_t otherwise);

#endif
