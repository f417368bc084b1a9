/* What is probably wrong with bytes that are no JSON, as people write it: for the end of a sentence. Pure. Thread: any. */
#ifndef LB_BASE_JSON_HINT_H
#define LB_BASE_JSON_HINT_H

#include <stddef.h>

#include "lb/base/view.h"

/* What to do, such as "give one JSON object, without the comma before it". `position`: how many bytes the parser had
 * taken when it gave up (jansson's json_error_t). Gives a constant. */
const char *json_hint_find(struct view bytes, size_t position);

#endif
