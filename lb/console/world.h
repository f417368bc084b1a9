/* What /events has told so far, joined as lb/admin/live.h says. */
#ifndef LB_CONSOLE_WORLD_H
#define LB_CONSOLE_WORLD_H

#include <jansson.h>
#include <stdbool.h>

#include "lb/base/view.h"

/* Zeroed memory is empty. */
struct world {
    json_t *root;
    unsigned told_count; /* objects */
};

/* Takes one object. False: it is none, or a change to something that was not told; it is left alone. */
bool world_join(struct world *world, struct view object);

/* A section; NULL: it was not told. Borrowed until the next object. */
json_t *world_section(const struct world *world, const char *name);

/* An entry of a section that is a map. */
json_t *world_entry(const struct world *world, const char *section, const char *key);

void world_fini(struct world *world);

/* The text, or NULL, and the number, or a negative one, of a key. Borrowed; `object` may be NULL. */
const char *world_text(const json_t *object, const char *key);
double world_number(const json_t *object, const char *key);

#endif
