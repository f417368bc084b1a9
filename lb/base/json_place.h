/* Where in a JSON text a value stands, as people count: for messages about a file that was parsed
 * already, and so is well-formed. Pure. */
#ifndef LB_BASE_JSON_PLACE_H
#define LB_BASE_JSON_PLACE_H

#include <stddef.h>

#include "lb/base/view.h"

struct json_step {
    const char *key; /* of an object; NULL: `index` of an array */
    size_t index;
};

struct json_place {
    unsigned line, column; /* from 1; in characters */
};

/* The place of the last step's key, or of its element; where a step is not there, or its key is
 * written with escapes, of what the steps before it lead to. Bytes that are no JSON give some
 * place.
 */
struct json_place json_place_find(struct view bytes, const struct json_step *steps,
                                  unsigned step_count);

#endif
