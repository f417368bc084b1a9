/* A container's id as the engine writes it. */
#ifndef DISCOVERY_ENGINE_ID_H
#define DISCOVERY_ENGINE_ID_H

#include <stdbool.h>

#include "lb/base/view.h"

#define ENGINE_ID_LEN 64

struct engine_id {
    char text[ENGINE_ID_LEN + 1]; /* "" when there is none */
};

/* A container's id: 64 lower-case hexadecimal digits. Fails: false, and `*out` is "". */
bool engine_id_parse_container(struct view text, struct engine_id *out);

/* Between `min` and 64 lower-case hexadecimal digits: an id, or the beginning of one. */
bool engine_id_is_prefix(struct view text, size_t min);

bool engine_id_eq(const struct engine_id *a, const struct engine_id *b);
bool engine_id_is_set(const struct engine_id *id);

#endif
