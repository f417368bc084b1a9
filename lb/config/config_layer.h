/* What one origin (defaults, file, environment, flags) says: settings in the order they were
 * given, values still text. */
#ifndef LB_CONFIG_CONFIG_LAYER_H
#define LB_CONFIG_CONFIG_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/view.h"
#include "lb/config/config_setting.h"

/* Where a setting is said. */
struct config_where {
    const struct config_setting *within; /* the object that it is a word of; NULL: of all of them */
    const char *name;                    /* which, where objects have names; else NULL */
    const char *place; /* how to name it in a message: "--listen", "lb.json: listen[1]" */
};

struct config_entry {
    const struct config_setting *setting;
    const struct config_setting *within;
    char *name;
    char *place;
    char *text; /* NULL: named without a value */
};

struct config_layer {
    struct config_entry *entries;
    size_t count;
    size_t capacity;
};

#define CONFIG_LAYER_INIT ((struct config_layer){0})

/* Whether two say the same setting of the same object. */
bool config_layer_is_same(const struct config_entry *one, const struct config_entry *other);

/* Appends. Borrows `where` and `text` (copies); a view with a NULL pointer: without a value. */
void config_layer_add(struct config_layer *layer, const struct config_setting *setting,
                      const struct config_where *where, struct view text);

/* The last entry of `word` of the whole program, or NULL. Borrowed until the layer changes. */
const struct config_entry *config_layer_last(const struct config_layer *layer, const char *word);

void config_layer_fini(struct config_layer *layer);

#endif
