/* What one origin (defaults, file, environment, flags) says: settings in the order they were
 * given, values still text. */
#ifndef LB_CONFIG_CONFIG_LAYER_H
#define LB_CONFIG_CONFIG_LAYER_H

#include <stddef.h>

#include "lb/base/view.h"
#include "lb/config/config_table.h"

struct config_entry {
    const struct config_setting *setting;
    char *place; /* how to name it in a message: "--listen", "lb.json: listen[1]" */
    char *text;  /* NULL: named without a value */
};

struct config_layer {
    struct config_entry *entries;
    size_t count;
    size_t capacity;
};

#define CONFIG_LAYER_INIT ((struct config_layer){0})

/* Appends. Borrows `place` and `text` (copies); a view with a NULL pointer: without a value. */
void config_layer_add(struct config_layer *layer, const struct config_setting *setting,
                      const char *place, struct view text);

/* The last entry of `word`, or NULL. Borrowed until the layer changes. */
const struct config_entry *config_layer_last(const struct config_layer *layer, const char *word);

void config_layer_fini(struct config_layer *layer);

#endif
