/* A place in a settings file while it is read: which value of it, and how a message names it. Borrows
 * the file's bytes and its keys. Thread: any. */
#ifndef LB_CONFIG_CONFIG_SPOT_H
#define LB_CONFIG_CONFIG_SPOT_H

#include <stdbool.h>

#include "lb/base/json_place.h"
#include "lb/base/text.h"

#define CONFIG_SPOT_DEPTH_MAX 4 /* object, name, word, index */

struct config_spot {
    const char *file;
    struct view bytes;
    struct json_step steps[CONFIG_SPOT_DEPTH_MAX];
    unsigned depth;
};

/* One step further in; too deep, it stays where it is. */
struct config_spot config_spot_in_key(const struct config_spot *spot, const char *key);
struct config_spot config_spot_in_item(const struct config_spot *spot, size_t index);

/* Appends "lb.json: line 3, column 5: listen[1]". */
void config_spot_append(const struct config_spot *spot, struct text *out);

/* The same for a key that is not known, which the caller names: "lb.json: line 3, column 5: ", with
 * "sites.a: " behind it within an object. */
void config_spot_append_around(const struct config_spot *spot, struct text *out);

#endif
